"""Sound through chains of ffmpeg filters, streamed, into lossless FLAC.

Nothing but the filters changes it: sample rate and channels stay unless a filter changes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.mastering import EVEN_FRAMES, FLAC_16
from controlllm_tools.media.sound import sound_facts
from controlllm_tools.tool import ToolContext

LIMITER = "alimiter=limit=0.9886:attack=5:release=60:level=false:latency=true"
"""Holds peaks back 0.1 dB below full scale; what stays below passes as it is."""


def filter_sound(
    source: Path,
    filters: Sequence[str],
    target: Path,
    context: ToolContext,
    *,
    seconds: float | None = None,
) -> Path:
    """Write the first sound track of a file through a chain of filters.

    Args:
        source: Sound, or a video with sound.
        filters: Of ffmpeg, in order; their values are numbers of ours, never text of a user.
        target: FLAC below the scratch folder.
        context: Of the call.
        seconds: Expected length of the result, for the progress.

    Returns:
        The target: 16 bit.

    Raises:
        InvalidInput: The file has no sound.
    """
    length = sound_facts(source).duration_s
    return ffmpeg.convert(
        [ffmpeg.Input(source)],
        ["-map", "0:a:0", "-vn", "-af", ",".join([*filters, EVEN_FRAMES]), *FLAC_16],
        target, context, duration_s=seconds or length,
    )  # fmt: skip


def length_of(path: Path) -> float:
    """Seconds of sound in a file.

    Raises:
        InvalidInput: The file has no sound, or does not say how long it is.
    """
    seconds = sound_facts(path).duration_s
    if not seconds:
        msg = f"{path.name} does not say how long it is; convert it first"
        raise InvalidInput(msg)
    return seconds


def common_format(paths: Sequence[Path]) -> tuple[int, tuple[str, ...]]:
    """The sample rate and, for each file, the filters that bring all to one format.

    The highest rate among them, and stereo unless all are mono. One channel becomes two at its own
    level, and many become two without passing full scale; ffmpeg alone would change both levels.

    Raises:
        InvalidInput: A file has no sound.
    """
    facts = [sound_facts(path) for path in paths]
    rate_hz = max(fact.sample_rate_hz or 44_100 for fact in facts)
    layout = "mono" if all(fact.channels == 1 for fact in facts) else "stereo"
    double = ",pan=stereo|c0=c0|c1=c0" if layout == "stereo" else ""
    return rate_hz, tuple(
        f"aresample={rate_hz}:rematrix_maxval=1.0"
        f"{double if fact.channels == 1 else ''}"
        f",aformat=sample_fmts=fltp:channel_layouts={layout},asetpts=PTS-STARTPTS"
        for fact in facts
    )
