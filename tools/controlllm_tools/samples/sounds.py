"""Sounds made on the spot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

RATE_HZ = 44_100
_PEAK = 0.25
_RAMP_S = 0.02


def tone(path: Path, seconds: float = 3.0, hz: float = 440.0) -> Path:
    """Write a pure tone with soft ends.

    Args:
        path: Where to write it; the ending chooses WAV or FLAC.
        seconds: Length.
        hz: Frequency.

    Returns:
        The path: 44.1 kHz, mono, 16 bit, about -15 LUFS.
    """
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    ends = np.clip(np.minimum(times, times[::-1]) / _RAMP_S, 0.0, 1.0)
    soundfile.write(path, _PEAK * ends * np.sin(2 * np.pi * hz * times), RATE_HZ, "PCM_16")
    return path
