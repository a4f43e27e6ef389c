"""Frames of a video come one by one, at a steady rate, the right way round."""

import subprocess
from pathlib import Path

import numpy as np
import psutil
import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.movies import frames, scaled_size, video_facts
from controlllm_tools.resources import MediaFacts
from controlllm_tools.tool import ToolContext

# grey that rises by 20 a second: every frame tells its own time
CLOCK = "color=black:s=64x48:r=10:d=4,format=gray,geq=lum='20*floor(T)'"


@pytest.fixture
def clock(context: ToolContext) -> Path:
    options = ["-f", "lavfi", "-i", CLOCK, *ffmpeg.H264, *ffmpeg.MP4]
    return ffmpeg.convert([], options, context.scratch / "clock.mp4", context)


def test_frames_come_at_the_asked_rate_with_their_times(clock: Path, context: ToolContext) -> None:
    taken = list(frames(clock, context, fps=2, max_width_px=64))
    assert [time for time, _ in taken] == [0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5]
    greys = [float(np.median(pixels)) for _, pixels in taken]
    assert greys == sorted(greys)
    assert greys[-1] - greys[0] > 50


def test_frames_have_colour_and_shape(context: ToolContext) -> None:
    source = "color=red:s=64x48:d=1[r];color=blue:s=64x48:d=1[b];[r][b]hstack"
    options = ["-filter_complex", source, *ffmpeg.H264, *ffmpeg.MP4]
    path = ffmpeg.convert([], options, context.scratch / "two.mp4", context)
    _, pixels = next(frames(path, context, fps=1, max_width_px=1_000))
    assert pixels.shape == (48, 128, 3)
    left, right = pixels[:, :60].mean((0, 1)), pixels[:, 68:].mean((0, 1))
    assert left == pytest.approx((254, 0, 0), abs=10)
    assert right == pytest.approx((0, 0, 254), abs=10)


def test_one_may_stop_after_a_few_frames(clock: Path, context: ToolContext) -> None:
    assert len(list(frames(clock, context, fps=10, max_width_px=64, limit=3))) == 3
    some = frames(clock, context, fps=10, max_width_px=64)
    next(some)
    some.close()
    names = [child.name() for child in psutil.Process().children(recursive=True)]
    assert not any("ffmpeg" in name for name in names)


def test_no_more_than_a_few_frames_are_held(context: ToolContext) -> None:
    options = ["-f", "lavfi", "-i", "testsrc=s=1280x720:r=30:d=10", *ffmpeg.H264, *ffmpeg.MP4]
    path = ffmpeg.convert([], options, context.scratch / "big.mp4", context)
    stream = frames(path, context, fps=30, max_width_px=1_280)
    for _ in range(10):
        next(stream)
    before = psutil.Process().memory_info().rss
    count = sum(1 for _ in stream)
    grown = psutil.Process().memory_info().rss - before
    assert count == 290
    assert grown < 30 * 1280 * 720 * 3  # all of them together are 800 MB


@pytest.mark.parametrize(
    ("size", "limit", "expected"),
    [((1920, 1080), 640, (640, 360)), ((641, 361), 10_000, (640, 360)), ((9, 3000), 4, (4, 1334))],
)
def test_sizes_are_even_and_keep_the_shape(
    size: tuple[int, int], limit: int, expected: tuple[int, int]
) -> None:
    facts = MediaFacts(width_px=size[0], height_px=size[1])
    assert scaled_size(facts, limit) == expected


def test_sound_and_text_are_no_video(context: ToolContext, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words")
    with pytest.raises(InvalidInput, match="not a video"):
        video_facts(tmp_path / "a.txt")
    options = ["-f", "lavfi", "-i", "sine=d=1", "-c:a", "flac"]
    song = ffmpeg.convert([], options, context.scratch / "song.flac", context)
    with pytest.raises(InvalidInput, match="holds audio/flac, not a video"):
        video_facts(song)


def test_a_video_that_hides_its_length_is_refused_with_a_way_out(context: ToolContext) -> None:
    path = context.scratch / "live.mkv"
    source = "testsrc=s=64x48:d=1:r=10"
    command = [
        ffmpeg.executable(),
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        source,
        "-f",
        "matroska",
        "-",
    ]
    # a stream on a pipe cannot go back to write how long it became
    path.write_bytes(subprocess.run(command, capture_output=True, check=True).stdout)
    with pytest.raises(InvalidInput, match="does not say how long it is"):
        video_facts(path)
