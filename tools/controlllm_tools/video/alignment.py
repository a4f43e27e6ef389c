"""Find where one recording of a sound lies in time against another recording of it.

First coarsely, by how the loudness of both changes from hundredth to hundredth of a second, over
their whole lengths; then to a fraction of a millisecond, by their waves in a short stretch.

Sources: normalised cross-correlation; for the waves, generalised cross-correlation with phase
transform (Knapp and Carter 1976).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.media import ffmpeg
from controlllm_tools.media.sound import sound_blocks
from controlllm_tools.tool import ToolContext

if TYPE_CHECKING:  # numpy loads when sound is compared, not when a tool is listed
    from numpy import float32, float64
    from numpy.typing import NDArray

    Curve = NDArray[float64]

_RATE_HZ = 8_000
_HOP = 80
"""Samples of one value of a loudness curve: a hundredth of a second."""

_HOPS_A_SECOND = _RATE_HZ // _HOP
_LEAST_OVERLAP_S = 1.0
_WINDOW_S, _REACH_S = 10.0, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """Where a second recording lies against a first one.

    Attributes:
        offset_s: Time of the first recording at which the second one starts; may be negative.
        likeness: Correlation of the loudness curves where both last, -1 to 1.
        overlap_s: How long both last together.
    """

    offset_s: float
    likeness: float
    overlap_s: float


def align(first: Path, second: Path, context: ToolContext) -> Alignment:
    """Find the offset of the second recording.

    Memory grows by 800 bytes a second of sound, not with the waves themselves.

    Raises:
        InvalidInput: A file has no sound.
    """
    ours, theirs = loudness_curve(first, context), loudness_curve(second, context)
    lag, likeness, overlap = best_lag(ours, theirs)
    coarse_s = lag / _HOPS_A_SECOND
    start = _busiest(ours, lag, overlap)
    fine_s = _fine_lag(
        _stretch(first, start / _HOPS_A_SECOND, context),
        _stretch(second, start / _HOPS_A_SECOND - coarse_s, context),
    )
    return Alignment(
        offset_s=round(coarse_s + fine_s, 5),
        likeness=round(likeness, 3),
        overlap_s=overlap / _HOPS_A_SECOND,
    )


def loudness_curve(path: Path, context: ToolContext) -> Curve:
    """Change of the level in decibels, one value each hundredth of a second.

    Raises:
        InvalidInput: The file has no sound.
    """
    import numpy as np

    levels = [np.zeros(1)]
    rest: NDArray[float32] = np.zeros(0, dtype=np.float32)
    for block in sound_blocks(path, context, rate_hz=_RATE_HZ):
        samples = np.concatenate([rest, block[0]])
        whole = len(samples) // _HOP * _HOP
        power = np.square(samples[:whole].reshape(-1, _HOP).astype(np.float64)).mean(axis=1)
        # the floor, 60 dB below full scale, keeps hiss from counting as much as sound
        levels.append(10 * np.log10(power + 1e-6))
        rest = samples[whole:]
    curve = np.concatenate(levels)[1:]
    return np.diff(curve, prepend=curve[:1])


def best_lag(first: Curve, second: Curve) -> tuple[int, float, int]:
    """The lag at which two curves agree best: lag, correlation, and length of the overlap.

    A lag counts by its correlation times the root of its overlap, since short overlaps agree by
    chance. O(n log n) in the sum of both lengths.
    """
    import numpy as np
    from scipy.signal import correlate

    # lags from -(len(second) - 1) to len(first) - 1
    products = correlate(first, second, method="fft")
    lags = np.arange(1 - len(second), len(first))
    begin, end = np.maximum(lags, 0), np.minimum(len(first), lags + len(second))
    sums = [np.concatenate([[0.0], np.cumsum(np.square(curve))]) for curve in (first, second)]
    ours = sums[0][end] - sums[0][begin]
    theirs = sums[1][end - lags] - sums[1][begin - lags]
    likeness = products / np.sqrt(np.maximum(ours * theirs, 1e-9))
    overlap = end - begin
    least = min(_LEAST_OVERLAP_S * _HOPS_A_SECOND, len(first), len(second))
    weight = np.where(overlap >= least, np.sqrt(overlap), 0.0)
    best = int(np.argmax(likeness * weight))
    return int(lags[best]), float(likeness[best]), int(overlap[best])


def _busiest(first: Curve, lag: int, overlap: int) -> int:
    """Start of the stretch of the overlap in which most happens, in hops of the first curve."""
    import numpy as np

    begin = max(0, lag)
    window = min(overlap, round(_WINDOW_S * _HOPS_A_SECOND))
    activity = np.concatenate([[0.0], np.cumsum(np.abs(first[begin : begin + overlap]))])
    return begin + int(np.argmax(activity[window:] - activity[:-window]))


def _stretch(path: Path, start_s: float, context: ToolContext) -> Curve:
    import numpy as np

    seconds = _WINDOW_S + 2 * _REACH_S
    source = ffmpeg.Input(path, ("-ss", f"{max(0.0, start_s):.4f}", "-t", f"{seconds:.3f}"))
    options = ["-vn", "-ac", "1", "-ar", str(_RATE_HZ), "-f", "s16le"]
    with ffmpeg.raw_stream([source], options, context) as stream:
        raw = stream.read(int(seconds * _RATE_HZ) * 2)
    return np.frombuffer(raw[: len(raw) // 2 * 2], dtype="<i2").astype(np.float64)


def _fine_lag(first: Curve, second: Curve) -> float:
    """Seconds by which the second stretch is early, looked for within a twentieth of a second."""
    import numpy as np

    length = min(len(first), len(second))
    reach = round(_REACH_S * _RATE_HZ)
    if length < 4 * reach:
        return 0.0
    a, b = first[:length] - first[:length].mean(), second[:length] - second[:length].mean()
    size = 2 ** int(np.ceil(np.log2(2 * length)))
    cross = np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size))
    # half whitened: as sharp as the phase transform, and calm where there is little sound
    wave = np.fft.irfft(cross / np.sqrt(np.abs(cross) + 1e-9), size)
    near = np.concatenate([wave[-reach:], wave[: reach + 1]])
    top = int(np.argmax(near))
    shift = 0.0
    if 0 < top < len(near) - 1:
        left, middle, right = near[top - 1 : top + 2]
        bend = left - 2 * middle + right
        shift = 0.5 * (left - right) / bend if bend else 0.0
    return float((top - reach + shift) / _RATE_HZ)
