"""Take steady noise out of sound: the noise is learned from the quietest moments, then held back.

The spectrum of the noise follows the minima of the smoothed power of each band over time (Martin,
"Noise power spectral density estimation based on optimal smoothing and minimum statistics", 2001,
here with a fixed smoothing). The gain of each band is that of the log spectral amplitude estimator
(Ephraim and Malah 1985) with their decision-directed signal to noise ratio, so that little of the
"musical noise" of plain subtraction is heard. Sound without noise has minima near zero and passes.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # numpy loads when sound is read, not when a tool is listed
    from numpy import complex64, float32
    from numpy.typing import NDArray

    Samples = NDArray[float32]
    Power = NDArray[float32]
    Spectrum = NDArray[complex64]

_WINDOW_S = 0.03
_OVERLAP = 4
_SMOOTHING = 0.85
_MEMORY_PARTS, _MEMORY_S = 8, 4.0
_MINIMUM_BIAS = 1.9
"""How far the mean of the noise lies above the minimum of its smoothed power; measured."""
_DECISION = 0.98
_LEAST_RATIO = 10 ** (-25 / 10)
_MOST_RATIO = 1e4


@dataclass(slots=True)
class NoiseFloor:
    """The power of the noise in each band, learned frame by frame.

    Attributes:
        frames_a_part: Frames in each part of the memory, whose minima are kept.
    """

    frames_a_part: int
    _smooth: Power | None = None
    _part: Power | None = None
    _count: int = 0
    _minima: deque[Power] | None = None

    def follow(self, power: Power) -> Power:
        """Take in the power of one frame; gives the noise's, same shape."""
        import numpy as np

        if self._smooth is None or self._part is None or self._minima is None:
            self._smooth, self._part = power.copy(), power.copy()
            self._minima = deque(maxlen=_MEMORY_PARTS)
        self._smooth = _SMOOTHING * self._smooth + (1 - _SMOOTHING) * power
        self._part = np.minimum(self._part, self._smooth)
        self._count += 1
        lowest = self._part
        for minimum in self._minima:
            lowest = np.minimum(lowest, minimum)
        if self._count >= self.frames_a_part:
            self._minima.append(self._part)
            self._part, self._count = self._smooth.copy(), 0
        noise: Power = _MINIMUM_BIAS * lowest
        return noise


class NoiseGate:
    """Works on a stream of blocks, each channel on its own; the output lags by `latency`.

    Attributes:
        latency: Samples by which what comes out lies behind what went in.
    """

    def __init__(self, *, rate_hz: int, channels: int, floor_db: float) -> None:
        """Prepare.

        Args:
            rate_hz: Of the sound.
            channels: Of the sound.
            floor_db: What is left of a band that holds nothing but noise, such as -18.
        """
        import numpy as np
        from scipy.fft import next_fast_len
        from scipy.special import exp1

        self._hop = next_fast_len(max(16, round(_WINDOW_S * rate_hz / _OVERLAP)))
        self._size = self._hop * _OVERLAP
        self.latency = self._size - self._hop
        # the square root of a Hann window, before and after, adds up to a constant
        phase = 2 * np.pi * np.arange(self._size) / self._size
        self._window = np.sqrt(0.5 - 0.5 * np.cos(phase)).astype(np.float32)
        self._noise = NoiseFloor(max(1, round(_MEMORY_S / _MEMORY_PARTS * rate_hz / self._hop)))
        self._least = np.float32(10 ** (floor_db / 20))
        self._waiting: Samples = np.zeros((channels, self.latency), dtype=np.float32)
        self._ringing: Samples = np.zeros((channels, self._size), dtype=np.float32)
        self._before: Power | None = None
        self._log_points = np.linspace(-14.0, 4.0, 1_024)
        self._lift = np.exp(0.5 * exp1(np.exp(self._log_points)))

    def listen(self, block: Samples) -> None:
        """Learn the noise from a block, shape (channels, samples), without making sound."""
        for spectrum in self._spectra(block).swapaxes(0, 1):
            self._noise.follow(_power(spectrum))

    def clean(self, block: Samples) -> Samples:
        """The cleaned sound of a block, shape (channels, samples), as far as it is complete."""
        import numpy as np
        from scipy.fft import irfft

        sound = np.concatenate([self._waiting, block], axis=1)
        spectra = self._spectra(sound)
        count = spectra.shape[1]
        self._waiting = sound[:, count * self._hop :]
        for index in range(count):
            spectra[:, index] *= self._gain(spectra[:, index])
        frames = irfft(spectra, self._size, axis=2)
        frames *= (2 / _OVERLAP) * self._window
        out = np.zeros((len(sound), count * self._hop + self._size), dtype=np.float32)
        out[:, : self._size] = self._ringing
        # frames that do not overlap are laid down at once
        for first in range(_OVERLAP):
            part = frames[:, first::_OVERLAP].reshape(len(sound), -1)
            at = first * self._hop
            out[:, at : at + part.shape[1]] += part
        self._ringing = out[:, count * self._hop :]
        return out[:, : count * self._hop]

    def _spectra(self, sound: Samples) -> Spectrum:
        """Shape (channels, frames, bands), of all whole frames."""
        import numpy as np
        from scipy.fft import rfft

        if sound.shape[1] < self._size:
            return np.zeros((len(sound), 0, self._size // 2 + 1), dtype=np.complex64)
        windows = np.lib.stride_tricks.sliding_window_view(sound, self._size, axis=1)
        spectra: Spectrum = rfft(windows[:, :: self._hop] * self._window, axis=2)
        return spectra

    def _gain(self, spectrum: Spectrum) -> Power:
        """Between the floor and one, for each channel and band."""
        import numpy as np

        power = _power(spectrum)
        noise = self._noise.follow(power) + np.float32(1e-12)
        posterior = np.minimum(power / noise, _MOST_RATIO)
        before = posterior if self._before is None else self._before / noise
        prior = _DECISION * before + (1 - _DECISION) * np.maximum(posterior - 1, 0.0)
        prior = np.clip(prior, _LEAST_RATIO, _MOST_RATIO)
        share = prior / (1 + prior)
        lift = np.interp(np.log(share * posterior + 1e-9), self._log_points, self._lift)
        gain: Power = np.clip(share * lift, self._least, 1.0).astype(np.float32)
        self._before = np.square(gain) * power
        return gain


def _power(spectrum: Spectrum) -> Power:
    import numpy as np

    power: Power = np.square(spectrum.real) + np.square(spectrum.imag)
    return power
