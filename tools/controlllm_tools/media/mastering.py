"""Bring a sound to a loudness without letting its peaks pass a ceiling.

Loudness is the integrated loudness of ITU-R BS.1770-4. Peaks are held back by a look-ahead limiter
that works at four times the sample rate, so that the peaks between samples count as well (the true
peak of BS.1770-4, annex 2). A limiter lowers loudness a little; the gain is corrected for that.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from controlllm_tools.errors import InvalidInput, ToolFailed
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.progress import stage
from controlllm_tools.media.sound import loudness_lufs, sound_facts
from controlllm_tools.tool import ToolContext

FLAC_16 = ("-c:a", "flac", "-sample_fmt", "s16")
EVEN_FRAMES = "asetnsamples=n=4096:p=0"
"""Last filter before FLAC: its encoder takes the first frame's size, and refuses tiny ones."""

_CLOSE_ENOUGH_LU = 0.3
_ROUNDS = 5
_GIVEN_BACK = 1.6
_GREATEST_GAIN_DB = 40.0
_OVERSAMPLING = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What to reach.

    Attributes:
        lufs: Integrated loudness.
        peak_dbtp: Ceiling of the true peak in dB below full scale.
    """

    lufs: float
    peak_dbtp: float = -1.5


def master(
    source: Path,
    target: Path,
    level: Level,
    context: ToolContext,
    *,
    encoding: Sequence[str] = FLAC_16,
) -> Path:
    """Write `source` at a level.

    Args:
        source: Sound below the scratch folder.
        target: File to write; its ending fits the encoding.
        level: What to reach. Sound whose peaks stand far above its mean may stay below it.
        context: Of the call.
        encoding: ffmpeg options of the sound.

    Raises:
        InvalidInput: The source is silent.
    """
    facts = sound_facts(source)
    rate_hz = facts.sample_rate_hz or 44_100
    loudness = loudness_lufs(source, context)
    if math.isinf(loudness):
        msg = f"{source.name} is silent or too short to have a loudness"
        raise InvalidInput(msg)
    gain_db, missing = 0.0, level.lufs - loudness
    for round_ in range(_ROUNDS):
        gain_db = min(_GREATEST_GAIN_DB, gain_db + missing)
        ffmpeg.convert(
            [ffmpeg.Input(source)],
            ["-vn", "-af", _filters(gain_db, level.peak_dbtp, rate_hz), *encoding],
            target,
            stage(context, 1 - 0.5**round_, 1 - 0.5 ** (round_ + 1)),
            duration_s=facts.duration_s,
        )
        # what the limiter took away is given back, and some of it is taken again
        missing = _GIVEN_BACK * (level.lufs - loudness_lufs(target, context))
        if abs(missing) <= _GIVEN_BACK * _CLOSE_ENOUGH_LU or gain_db >= _GREATEST_GAIN_DB:
            break
    return target


def true_peak_dbtp(path: Path, context: ToolContext) -> float:
    """Highest true peak of a file in dB below full scale; minus infinity for digital silence.

    Raises:
        InvalidInput: The file has no sound.
    """
    sound_facts(path)
    options = ["-vn", "-af", "ebur128=peak=true:framelog=quiet"]
    log = ffmpeg.measure([ffmpeg.Input(path)], options, context)
    found = re.findall(r"Peak:\s+(-?[\d.]+|-inf) dBFS", log)
    if not found:
        msg = f"no true peak was measured for {path.name}"
        raise ToolFailed(msg)
    return float(found[-1])


def _filters(gain_db: float, peak_dbtp: float, rate_hz: int) -> str:
    ceiling = 10 ** (peak_dbtp / 20)
    return (
        f"volume={gain_db:.3f}dB,aresample={rate_hz * _OVERSAMPLING},"
        f"alimiter=limit={ceiling:.5f}:attack=5:release=60:level=false:latency=true,"
        f"aresample={rate_hz},{EVEN_FRAMES}"
    )
