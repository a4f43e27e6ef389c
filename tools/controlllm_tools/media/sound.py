"""Sound as float32 arrays of shape (channels, samples), range -1 to 1."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput, ToolFailed
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.probe import probe
from controlllm_tools.resources import MediaFacts
from controlllm_tools.tool import ToolContext

if TYPE_CHECKING:  # numpy loads when sound is read, not when a tool is listed
    from numpy import float32
    from numpy.typing import NDArray

    Samples = NDArray[float32]


def sound_facts(path: Path) -> MediaFacts:
    """Facts of a file that must have a sound track.

    Raises:
        InvalidInput: The file has no sound, is broken, or is over a limit.
    """
    _, facts = probe(path)
    if not facts.channels:
        msg = f"{path.name} has no sound"
        raise InvalidInput(msg)
    return facts


def read_sound(
    path: Path, context: ToolContext, *, rate_hz: int, channels: int = 1, max_s: float = 7_200.0
) -> Samples:
    """Decode the sound of an audio or video file.

    Args:
        path: The file.
        context: Of the call.
        rate_hz: Sample rate to convert to.
        channels: 1 mixes down, 2 keeps or doubles.
        max_s: Longest sound taken into memory.

    Returns:
        float32, shape (channels, samples), range -1 to 1.

    Raises:
        InvalidInput: The file has no sound, or more than `max_s` of it.
    """
    import numpy as np

    facts = sound_facts(path)
    if (facts.duration_s or 0.0) > max_s:
        msg = f"{path.name} lasts {facts.duration_s:.0f} s, this tool takes up to {max_s:.0f} s"
        raise InvalidInput(msg)
    # ffmpeg mixes down by adding up, which passes full scale; two channels are mixed here
    decoded = min(2, facts.channels or 1)
    level = "aresample=rematrix_maxval=1.0"
    options = ["-vn", "-af", level, "-ac", str(decoded), "-ar", str(rate_hz), "-f", "f32le"]
    with ffmpeg.raw_stream([ffmpeg.Input(path)], options, context) as stream:
        raw = stream.read(int(max_s + 1) * rate_hz * decoded * 4)
    frames = np.frombuffer(raw[: len(raw) // (4 * decoded) * 4 * decoded], dtype="<f4")
    sound = frames.reshape(-1, decoded).T
    if channels < decoded:
        sound = sound.mean(axis=0, keepdims=True, dtype=np.float32)
    elif channels > decoded:
        sound = np.repeat(sound, channels, axis=0)
    return np.ascontiguousarray(sound)


def sound_blocks(
    path: Path,
    context: ToolContext,
    *,
    rate_hz: int,
    channels: int = 1,
    block_s: float = 10.0,
) -> Iterator[Samples]:
    """Decode the sound of a file of any length in blocks, as `read_sound` decodes a short one.

    Args:
        path: The file.
        context: Of the call; each block checks whether it is to stop.
        rate_hz: Sample rate to convert to.
        channels: 1 mixes down, 2 keeps or doubles.
        block_s: Length of each block but the last.

    Yields:
        float32, shape (channels, samples), range -1 to 1; never empty.

    Raises:
        InvalidInput: The file has no sound.
    """
    import numpy as np

    decoded = min(2, sound_facts(path).channels or 1)
    level = "aresample=rematrix_maxval=1.0"
    options = ["-map", "0:a:0", "-vn", "-af", level, "-ac", str(decoded), "-ar", str(rate_hz)]
    size = max(1, round(block_s * rate_hz)) * decoded * 4
    with ffmpeg.raw_stream([ffmpeg.Input(path)], [*options, "-f", "f32le"], context) as stream:
        while raw := stream.read(size):
            context.check()
            whole = raw[: len(raw) // (4 * decoded) * 4 * decoded]
            sound = np.frombuffer(whole, dtype="<f4").reshape(-1, decoded).T
            if channels < decoded:
                sound = sound.mean(axis=0, keepdims=True, dtype=np.float32)
            elif channels > decoded:
                sound = np.repeat(sound, channels, axis=0)
            if sound.shape[1]:
                yield np.ascontiguousarray(sound)


def write_wav(samples: Samples, path: Path, *, rate_hz: int) -> Path:
    """Write float samples of shape (channels, samples) as 16-bit PCM, clipped to full scale."""
    import soundfile

    soundfile.write(path, samples.clip(-1.0, 1.0).T, rate_hz, subtype="PCM_16")
    return path


def loudness_lufs(path: Path, context: ToolContext) -> float:
    """Integrated loudness of a file by ITU-R BS.1770-4; minus infinity for silence.

    Raises:
        InvalidInput: The file has no sound.
    """
    sound_facts(path)
    log = ffmpeg.measure([ffmpeg.Input(path)], ["-vn", "-af", "ebur128=framelog=quiet"], context)
    found = re.findall(r"I:\s+(-?[\d.]+|-inf) LUFS", log)
    if not found:
        msg = f"no loudness was measured for {path.name}"
        raise ToolFailed(msg)
    value = float(found[-1])
    # the filter's floor of -70 LUFS is its gate: nothing louder was heard
    return value if value > -70.0 else float("-inf")
