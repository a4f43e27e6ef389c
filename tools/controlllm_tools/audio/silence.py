"""Where a recording is silent: by its level over time, against its own noise and its loud parts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.media.sound import sound_blocks
from controlllm_tools.tool import ToolContext

if TYPE_CHECKING:  # numpy loads when sound is read, not when a tool is listed
    from numpy import float32
    from numpy.typing import NDArray

    Levels = NDArray[float32]

WINDOW_S = 0.02
RATE_HZ = 16_000
DIGITAL_SILENCE_DB = -120.0

_LOUD_PERCENTILE, _NOISE_PERCENTILE = 95, 10
_ABOVE_NOISE_DB = 6.0
_LEAST_BELOW_LOUD_DB, _MOST_BELOW_LOUD_DB = 20.0, 45.0
_NOBODY_HEARS_DB = -75.0
_KEPT_AROUND_S = 0.06


@dataclass(frozen=True, slots=True)
class Gap:
    """A silent stretch, in seconds."""

    start_s: float
    end_s: float


def levels_db(path: Path, context: ToolContext) -> Levels:
    """Level of each window of 20 ms in dB below full scale, shape (windows,); streamed.

    Raises:
        InvalidInput: The file has no sound.
    """
    import numpy as np

    window = int(RATE_HZ * WINDOW_S)
    floor = 10 ** (DIGITAL_SILENCE_DB / 10)
    found = [np.zeros(0, dtype=np.float32)]
    for block in sound_blocks(path, context, rate_hz=RATE_HZ):
        short = -block.shape[1] % window
        # the last window is filled up with its own kind, not with silence
        windows = np.pad(block[0], (0, short), mode="wrap").reshape(-1, window)
        power = np.square(windows, dtype=np.float64).mean(axis=1)
        found.append((10 * np.log10(np.maximum(power, floor))).astype(np.float32))
    return np.concatenate(found)


def silence_below_db(levels: Levels) -> float:
    """The level under which this recording counts as silent.

    A little above its noise, which is where its quietest tenth lies, but well below its loud parts:
    steady sound has no silence.
    """
    import numpy as np

    heard = levels[levels > _NOBODY_HEARS_DB]
    if not len(heard):
        return _NOBODY_HEARS_DB
    loud = float(np.percentile(heard, _LOUD_PERCENTILE))
    noise = float(np.percentile(levels, _NOISE_PERCENTILE))
    above_noise = max(noise + _ABOVE_NOISE_DB, loud - _MOST_BELOW_LOUD_DB)
    return max(_NOBODY_HEARS_DB, min(above_noise, loud - _LEAST_BELOW_LOUD_DB))


def gaps(levels: Levels, below_db: float, *, longer_than_s: float) -> list[Gap]:
    """Silent stretches; what fades in and out beside them is left to the sound."""
    import numpy as np

    silent = np.concatenate([[False], levels <= below_db, [False]])
    edges = np.flatnonzero(silent[1:] != silent[:-1])
    last = len(levels)
    found = []
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        start_s = first * WINDOW_S + (_KEPT_AROUND_S if first else 0.0)
        end_s = end * WINDOW_S - (_KEPT_AROUND_S if end < last else 0.0)
        if end_s - start_s > longer_than_s:
            found.append(Gap(float(start_s), float(end_s)))
    return found


def heard_between(path: Path, context: ToolContext) -> tuple[float, float]:
    """Where sound begins and ends, in seconds; all of it when it is silent throughout.

    Raises:
        InvalidInput: The file has no sound.
    """
    levels = levels_db(path, context)
    end_s = len(levels) * WINDOW_S
    silent = gaps(levels, silence_below_db(levels), longer_than_s=0.0)
    first = silent[0].end_s if silent and silent[0].start_s == 0.0 else 0.0
    last = silent[-1].start_s if silent and silent[-1].end_s == end_s else end_s
    return (first, last) if last > first else (0.0, end_s)
