"""ffmpeg runs on sniffed files only, ends with its call, and says what went wrong."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from controlllm_tools.errors import Cancelled, InvalidInput, ToolFailed, Transient
from controlllm_tools.media import ffmpeg
from controlllm_tools.tool import ToolContext

BARS = ["-f", "lavfi", "-i", "testsrc=s=64x48:d=2:r=10"]
ENDLESS = ["-re", "-f", "lavfi", "-i", "testsrc=s=64x48:r=10"]


def running() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if "ffmpeg" in child.name() and child.status() != psutil.STATUS_ZOMBIE
    ]


def film(context: ToolContext, name: str = "film.mp4") -> Path:
    options = [*BARS, *ffmpeg.H264, *ffmpeg.MP4]
    return ffmpeg.convert([], options, context.scratch / name, context)


def test_the_same_conversion_gives_the_same_bytes(context: ToolContext) -> None:
    sound = ["-f", "lavfi", "-i", "sine=d=2"]
    options = [*BARS, *sound, *ffmpeg.H264, *ffmpeg.AAC, *ffmpeg.MP4]
    one = ffmpeg.convert([], options, context.scratch / "one.mp4", context)
    two = ffmpeg.convert([], options, context.scratch / "two.mp4", context)
    assert one.read_bytes() == two.read_bytes()


def test_progress_rises_to_the_end(context: ToolContext) -> None:
    seen: list[float] = []
    watched = replace(context, progress=lambda fraction, _: seen.append(fraction))
    options = ["-re", *BARS, *ffmpeg.H264, *ffmpeg.MP4]
    ffmpeg.convert([], options, context.scratch / "film.mp4", watched, duration_s=2.0)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0, abs=0.1)
    assert all(0 <= fraction <= 1 for fraction in seen)


def test_a_deadline_ends_the_program_and_says_so(context: ToolContext) -> None:
    hurried = replace(context, deadline_s=time.monotonic() + 0.7)
    begin = time.monotonic()
    with pytest.raises(Transient, match="time of this call is over"):
        ffmpeg.convert([], [*ENDLESS, *ffmpeg.H264], context.scratch / "x.mp4", hurried)
    assert time.monotonic() - begin < 5
    assert running() == []


def test_cancelling_ends_the_program_and_says_so(context: ToolContext) -> None:
    stop = threading.Event()
    cancelled = replace(context, is_cancelled=stop.is_set)
    timer = threading.Timer(0.5, stop.set)
    timer.start()
    with pytest.raises(Cancelled):
        ffmpeg.convert([], [*ENDLESS, *ffmpeg.H264], context.scratch / "x.mp4", cancelled)
    timer.join()
    assert running() == []


def test_a_call_that_is_over_starts_nothing(context: ToolContext) -> None:
    late = replace(context, deadline_s=time.monotonic() - 1)
    with pytest.raises(Transient):
        film(late)
    assert not (context.scratch / "film.mp4").exists()


def test_an_error_of_the_reader_ends_the_program(context: ToolContext) -> None:
    def read_and_fail() -> None:
        options = [*ENDLESS, "-f", "rawvideo", "-pix_fmt", "rgb24"]
        with ffmpeg.raw_stream([], options, context) as stream:
            assert stream.read(10)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read_and_fail()
    assert running() == []


def test_a_reader_may_stop_early(context: ToolContext) -> None:
    path = film(context)
    options = ["-f", "rawvideo", "-pix_fmt", "rgb24"]
    with ffmpeg.raw_stream([ffmpeg.Input(path)], options, context) as stream:
        assert len(stream.read(64 * 48 * 3)) == 64 * 48 * 3
    assert running() == []


def test_a_failure_carries_the_last_words_of_the_program(context: ToolContext) -> None:
    with pytest.raises(ToolFailed, match=r"ended with code .*no_such_filter"):
        ffmpeg.convert(
            [ffmpeg.Input(film(context))], ["-vf", "no_such_filter"],
            context.scratch / "x.mp4", context,
        )  # fmt: skip


def test_many_words_on_the_error_stream_do_not_block_it(context: ToolContext) -> None:
    # showinfo prints some 300 bytes a frame: far more than a pipe holds
    source = ["-f", "lavfi", "-i", "testsrc=s=16x16:r=1000:d=5"]
    log = ffmpeg.measure([], [*source, "-vf", "showinfo"], context)
    assert len(log) > 200_000


@pytest.mark.parametrize(
    "content", [b"just words", b"PK\x03\x04 zip", b"%PDF-1.7", b"\x00\x01\x02"]
)
def test_what_is_no_medium_is_not_given_to_it(context: ToolContext, content: bytes) -> None:
    path = context.scratch / "upload"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="neither sound nor pictures"):
        ffmpeg.Input(path).arguments()


def test_a_name_like_an_option_or_a_pattern_is_only_a_name(context: ToolContext) -> None:
    for name in ("-y.mp4", "a%03d.mp4", "a b'c;d$e.mp4"):
        path = film(context, name)
        copy = ffmpeg.convert(
            [ffmpeg.Input(path)], ["-c", "copy"], path.with_suffix(".mkv"), context
        )
        assert copy.stat().st_size > 500


def test_frames_without_end_are_cut_off_by_the_deadline(context: ToolContext) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield bytes(16 * 16 * 3)

    hurried = replace(context, deadline_s=time.monotonic() + 0.7)
    source = ffmpeg.Frames(width_px=16, height_px=16, fps=10, source=endless())
    with pytest.raises(Transient):
        ffmpeg.encode_frames(source, [], [*ffmpeg.H264], context.scratch / "x.mp4", hurried)
    assert running() == []
