"""The one place that starts ffmpeg: by argument list, on sniffed local files, bounded in time.

Every input carries a protocol whitelist and a whitelist of the demuxers that its content calls
for. Without the second one, a playlist that is named `.mp4` makes ffmpeg open other files.
"""

from __future__ import annotations

import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from controlllm_tools.errors import Cancelled, InvalidInput, ToolFailed, Transient
from controlllm_tools.media.sniff import sniff
from controlllm_tools.tool import ToolContext

ENCODER_THREADS = 2
"""x264's output depends on the number of its threads; a fixed one keeps results reproducible."""

H264 = (
    "-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-pix_fmt", "yuv420p",
    "-threads:v", str(ENCODER_THREADS),
)  # fmt: skip
AAC = ("-c:a", "aac", "-b:a", "160k")
MP4 = ("-movflags", "+faststart", "-max_interleave_delta", "0", "-f", "mp4")
"""Packets are written by their times alone; else, after a wait, as encoders happen to deliver."""

# no times, names of encoders or metadata: equal input gives equal bytes
_PLAIN = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact",
          "-flags:a", "+bitexact")  # fmt: skip
_POLL_S = 0.2
_ERROR_TAIL = 400


@dataclass(frozen=True, slots=True)
class Input:
    """One input file and the options that stand before its `-i`."""

    path: Path
    options: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        """The guarded `-i`.

        Raises:
            InvalidInput: The content is nothing that ffmpeg may open.
        """
        kind = sniff(self.path)
        if not kind.demuxers:
            msg = f"{self.path.name} holds {kind.mime}, which is neither sound nor pictures"
            raise InvalidInput(msg)
        return [
            "-protocol_whitelist", "file,pipe",
            "-format_whitelist", kind.demuxers,
            *self.options,
            "-i", f"file:{self.path.resolve()}",
        ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """Frames that are made one by one.

    Attributes:
        width_px: Width of each.
        height_px: Height of each.
        fps: Frames a second.
        source: RGB, height x width x 3 bytes each.
    """

    width_px: int
    height_px: int
    fps: float
    source: Iterable[bytes]


def convert(
    inputs: Sequence[Input],
    options: Sequence[str],
    output: Path,
    context: ToolContext,
    *,
    duration_s: float | None = None,
) -> Path:
    """Run ffmpeg to write one file, with progress, cancellation and the call's deadline.

    Args:
        inputs: Files to read, in order.
        options: Everything between the last input and the output name.
        output: File below the scratch folder; replaced when it exists.
        context: Whose scratch folder is the working folder, so that filters can name files there.
        duration_s: Expected length of the output; with it, progress is reported.

    Returns:
        The output path.

    Raises:
        ToolFailed: ffmpeg ended with an error; the message is its last words.
        Transient: The deadline of the call passed.
        Cancelled: Somebody asked to stop.
    """
    command = [
        *_prologue(),
        "-progress", "pipe:1",
        *[argument for each in inputs for argument in each.arguments()],
        *options,
        *_PLAIN,
        f"file:{output.resolve()}",
    ]  # fmt: skip
    with _running(command, context) as (process, stdout):
        for line in stdout:
            key, _, value = line.decode("ascii", "replace").partition("=")
            if duration_s and key == "out_time_us" and value.strip().isdigit():
                context.progress(min(1.0, int(value) / 1e6 / duration_s), output.name)
        process.wait()
    return output


def measure(inputs: Sequence[Input], options: Sequence[str], context: ToolContext) -> str:
    """Run an analysis that prints its result to the log, such as `ebur128`; returns the log.

    Raises:
        ToolFailed: ffmpeg ended with an error.
        Transient: The deadline of the call passed.
        Cancelled: Somebody asked to stop.
    """
    command = [
        *_prologue(level="info"),
        *[argument for each in inputs for argument in each.arguments()],
        *options, "-f", "null", "-",
    ]  # fmt: skip
    log: list[bytes] = []
    with _running(command, context, log=log) as (process, stdout):
        stdout.read()
        process.wait()
    return b"".join(log).decode("utf-8", "replace")


@contextmanager
def raw_stream(
    inputs: Sequence[Input], options: Sequence[str], context: ToolContext
) -> Iterator[IO[bytes]]:
    """Decode to raw bytes on a pipe; the reader may stop early.

    Raises:
        ToolFailed: ffmpeg ended with an error.
        Transient: The deadline of the call passed.
        Cancelled: Somebody asked to stop.
    """
    command = [
        *_prologue(),
        *[argument for each in inputs for argument in each.arguments()],
        *options,
        "pipe:1",
    ]
    with _running(command, context) as (process, stdout):
        yield stdout
        stdout.close()  # a reader that stopped early ends ffmpeg by a broken pipe
        process.wait()


def encode_frames(
    frames: Frames,
    inputs: Sequence[Input],
    options: Sequence[str],
    output: Path,
    context: ToolContext,
) -> Path:
    """Write a video from frames that are made one by one.

    Args:
        frames: The pictures.
        inputs: More files to read; the frames are input 0, these follow.
        options: Everything between the last input and the output name.
        output: File below the scratch folder; replaced when it exists.
        context: Of the call; cancelling it ends the encoder.

    Raises:
        ToolFailed: ffmpeg ended with an error; the message is its last words.
        Transient: The deadline of the call passed.
        Cancelled: Somebody asked to stop.
    """
    command = [
        *_prologue(),
        "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{frames.width_px}x{frames.height_px}",
        "-r", str(frames.fps), "-i", "pipe:0",
        *[argument for each in inputs for argument in each.arguments()],
        *options, *_PLAIN,
        f"file:{output.resolve()}",
    ]  # fmt: skip
    with _running(command, context, stdin=subprocess.PIPE) as (process, stdout):
        # a broken pipe: the encoder ended early, and says why in its last words
        with suppress(BrokenPipeError):
            _feed(process, frames.source)
        stdout.read()
        process.wait()
    return output


def _feed(process: subprocess.Popen[bytes], frames: Iterable[bytes]) -> None:
    if process.stdin is None:
        return
    with process.stdin as pipe:
        for frame in frames:
            pipe.write(frame)


@cache
def executable() -> str:
    """Path of the ffmpeg program that came with imageio-ffmpeg, or the one it was told to use."""
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


def _prologue(level: str = "error") -> list[str]:
    return [executable(), "-hide_banner", "-nostdin", "-nostats", "-loglevel", level, "-y"]


@contextmanager
def _running(
    command: list[str],
    context: ToolContext,
    *,
    log: list[bytes] | None = None,
    stdin: int = subprocess.DEVNULL,
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """Start a program, end it with the call, and turn its failure into ours.

    A watcher thread ends the program on cancel or deadline, which unblocks whoever reads its
    output. Its standard error goes to a file, so that no pipe can fill up unread.
    """
    context.check()
    with tempfile.TemporaryFile(dir=context.scratch) as errors:
        process = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=context.scratch,
            env={"PATH": "/usr/bin:/bin", "HOME": str(context.scratch)},
        )
        watch = _Watch(process, context)
        if process.stdout is None:
            msg = "ffmpeg started without an output pipe"
            raise ToolFailed(msg)
        try:
            yield process, process.stdout
        finally:
            early = process.poll() is None
            if early:
                process.kill()
            process.wait()
            watch.stop()
            process.stdout.close()
        errors.seek(0)
        words = errors.read()
        if log is not None:
            log.append(words)
        watch.raise_reason()
        if process.returncode != 0 and not early and not _is_broken_pipe(words):
            raise ToolFailed(_last_words(words, process.returncode))


def _is_broken_pipe(words: bytes) -> bool:
    return b"Broken pipe" in words


def _last_words(words: bytes, code: int) -> str:
    text = words.decode("utf-8", "replace").strip()[-_ERROR_TAIL:]
    return f"ffmpeg ended with code {code}: {text or 'it said nothing'}"


class _Watch:
    """Ends a program when its call is cancelled or out of time."""

    def __init__(self, process: subprocess.Popen[bytes], context: ToolContext) -> None:
        self._process = process
        self._context = context
        self._reason: Cancelled | Transient | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._done.wait(_POLL_S):
            try:
                self._context.check()
            except (Cancelled, Transient) as reason:
                self._reason = reason
                self._process.kill()
                return

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def raise_reason(self) -> None:
        if self._reason is not None:
            raise self._reason
