"""Play a video backwards, a chunk at a time: memory stays the same for any length."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.media import ffmpeg
from controlllm_tools.media.movies import scaled_size, video_facts
from controlllm_tools.media.progress import stage
from controlllm_tools.resources import MediaFacts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when sound is turned round, not when a tool is listed
    from numpy import int16
    from numpy.typing import NDArray

_CHUNK_BYTES = 192 * 2**20
_SOUND_BYTES = 2**20
_RATE_HZ = 48_000
_BYTES_A_SAMPLE = 4  # two channels of 16 bits
_ROUNDING_S = 0.0015


class ReverseVideo(CpuTool):
    """Last frame first, last sound first."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Turn pictures and sound round.

        Returns:
            `video`: MP4 of the same length.

        Raises:
            InvalidInput: The file is no video.
        """
        path = inputs.file("video")
        facts = video_facts(path)
        seconds = facts.duration_s or 0.0
        sounds: list[ffmpeg.Input] = []
        sound: tuple[str, ...] = ("-an",)
        if facts.channels:
            backwards = _reversed_sound(path, seconds, stage(context, 0.0, 0.1))
            sounds.append(ffmpeg.Input(backwards))
            sound = ("-map", "1:a:0", *ffmpeg.AAC)
        width, height = scaled_size(facts, facts.width_px or 2)
        target = ffmpeg.encode_frames(
            ffmpeg.Frames(
                width_px=width, height_px=height, fps=facts.fps or 25.0,
                source=_reversed_frames(path, facts, stage(context, 0.1, 1.0)),
            ),
            sounds,
            ["-map", "0:v:0", *sound, "-t", f"{seconds:.4f}", *ffmpeg.H264, *ffmpeg.MP4],
            context.scratch / "reversed.mp4", context,
        )  # fmt: skip
        return {"video": Output.of_file(target, caption=f"backwards, {seconds:.1f} s")}


def _reversed_frames(path: Path, facts: MediaFacts, context: ToolContext) -> Iterator[bytes]:
    """RGB frames from the last to the first; each chunk is decoded by itself."""
    width, height = scaled_size(facts, facts.width_px or 2)
    size, fps = width * height * 3, facts.fps or 25.0
    count = max(1, round((facts.duration_s or 0.0) * fps))
    chunk = max(1, min(count, _CHUNK_BYTES // size))
    for end in range(count, 0, -chunk):
        first = max(0, end - chunk)
        options = [
            "-an", "-vf", f"fps={fps:.6f}:start_time=0,scale={width}:{height},setsar=1",
            "-frames:v", str(end - first), "-f", "rawvideo", "-pix_fmt", "rgb24",
        ]  # fmt: skip
        # a little before the frame, because times in a file are rounded
        start_s = max(0.0, first / fps - _ROUNDING_S)
        source = ffmpeg.Input(path, ("-ss", f"{start_s:.4f}"))
        with ffmpeg.raw_stream([source], options, context) as stream:
            # frame by frame: one large read would hold everything twice
            gathered = [stream.read(size) for _ in range(end - first)]
        while gathered:
            if len(frame := gathered.pop()) == size:
                yield frame
        context.progress((count - first) / count, "turning the pictures round")


def _reversed_sound(path: Path, seconds: float, context: ToolContext) -> Path:
    """Decode to a file, and write it from its end; the sound is cut or padded to the pictures."""
    import numpy as np
    import soundfile

    samples = round(seconds * _RATE_HZ)
    fit = f"aresample={_RATE_HZ}:async=1:first_pts=0,apad,atrim=end_sample={samples}"
    options = ["-vn", "-map", "0:a:0", "-af", fit, "-ac", "2", "-f", "s16le"]
    raw, target = context.scratch / "forwards.pcm", context.scratch / "backwards.wav"
    with ffmpeg.raw_stream([ffmpeg.Input(path)], options, context) as stream, raw.open("wb") as out:
        while block := stream.read(_SOUND_BYTES):
            out.write(block)
    forwards: NDArray[int16] = np.memmap(raw, dtype="<i2", mode="r").reshape(-1, 2)
    step = _SOUND_BYTES // _BYTES_A_SAMPLE
    with soundfile.SoundFile(target, "w", _RATE_HZ, 2, subtype="PCM_16", format="WAV") as wav:
        for end in range(len(forwards), 0, -step):
            wav.write(forwards[max(0, end - step) : end][::-1])
    del forwards
    raw.unlink()
    return target
