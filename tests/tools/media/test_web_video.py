"""A video in a form that browsers play, and a poster that is typical of it."""

from pathlib import Path

import numpy as np
import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.images import read_rgb
from controlllm_tools.media.probe import probe
from controlllm_tools.media.web_video import playable_as, poster, web_video
from controlllm_tools.tool import ToolContext

SOURCES = ["-f", "lavfi", "-i", "testsrc=s=65x49:d=1:r=10", "-f", "lavfi", "-i", "sine=d=1"]
VP9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-pix_fmt", "yuv420p", "-c:a", "libopus"]


def encode(context: ToolContext, name: str, *options: str) -> Path:
    return ffmpeg.convert([], [*SOURCES, *options], context.scratch / name, context)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("plays.mp4", ["-vf", "scale=64:48", *ffmpeg.H264, *ffmpeg.AAC]),
        ("plays.webm", VP9),
    ],
)
def test_a_video_that_browsers_play_is_only_copied(
    context: ToolContext, name: str, options: list[str]
) -> None:
    source = encode(context, name, *options)
    assert playable_as(source) == f"video/{name[6:]}"
    copy = web_video(source, context.scratch, context)
    assert copy.name == f"video.{name[6:]}"
    assert copy.read_bytes() == source.read_bytes()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("old.avi", ["-c:v", "mpeg4", "-c:a", "mp3"]),
        ("full_colour.mp4", ["-c:v", "libx264", "-pix_fmt", "yuv444p", "-c:a", "aac"]),
        ("lossless.mkv", ["-c:v", "ffv1", "-c:a", "flac"]),
        ("raw_sound.mkv", [*VP9[:-1], "pcm_s16le"]),
        ("new.mp4", ["-c:v", "libx265", "-x265-params", "log-level=none", "-c:a", "aac"]),
    ],
)
def test_another_one_is_converted_with_pictures_and_sound(
    context: ToolContext, name: str, options: list[str]
) -> None:
    source = encode(context, name, *options)
    assert playable_as(source) is None
    converted = web_video(source, context.scratch, context)
    assert playable_as(converted) == "video/mp4"
    _, facts = probe(converted)
    assert facts.duration_s == pytest.approx(1.0, abs=0.15)
    assert (facts.width_px, facts.height_px) == (64, 48)
    assert facts.channels == 1


def test_the_poster_is_no_black_frame_and_not_wider_than_a_screen(context: ToolContext) -> None:
    # black for a third of a second, then bars
    source = "color=black:s=1600x900:d=0.3:r=30[a];testsrc2=s=1600x900:d=4:r=30[b];[a][b]concat"
    options = ["-filter_complex", source, *ffmpeg.H264]
    video = ffmpeg.convert([], options, context.scratch / "fade.mp4", context)
    pixels = read_rgb(poster(video, context.scratch / "poster.jpg", context))
    assert pixels.shape == (720, 1280, 3)
    assert float(np.mean(pixels)) > 60


def test_a_video_of_one_frame_has_a_poster_too(context: ToolContext) -> None:
    source = ["-f", "lavfi", "-i", "color=red:s=64x48:d=0.1:r=10"]
    video = ffmpeg.convert([], [*source, *ffmpeg.H264], context.scratch / "one.mp4", context)
    pixels = read_rgb(poster(video, context.scratch / "poster.jpg", context))
    assert pixels.shape == (48, 64, 3)
    assert pixels.mean((0, 1)) == pytest.approx((254, 0, 0), abs=12)


def test_what_is_no_video_is_refused(context: ToolContext, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words")
    with pytest.raises(InvalidInput, match="not a video"):
        web_video(tmp_path / "a.txt", context.scratch, context)
