"""Sounds with known truth for the tests of the audio tools, and ways to measure what came out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from controlllm_tools.perform import Product

RATE_HZ = 44_100
Sound = NDArray[np.float64]


def sine(seconds: float, hz: float = 440.0, level: float = 0.25) -> Sound:
    """A pure tone at 44.1 kHz."""
    return level * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)


def pause(seconds: float) -> Sound:
    """Silence at 44.1 kHz."""
    return np.zeros(round(seconds * RATE_HZ))


def noise(
    seconds: float, level: float = 0.1, *, rate_hz: int = RATE_HZ, pink: bool = False
) -> Sound:
    """White or pink noise, the same every time."""
    white = np.random.default_rng(4).standard_normal(round(seconds * rate_hz))
    if pink:
        spectrum = np.fft.rfft(white)
        spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
        white = np.fft.irfft(spectrum, len(white))
    return level * white / white.std()


def main_hz(samples: Sound, rate_hz: int = RATE_HZ) -> float:
    """The strongest frequency, to a fraction of a hertz."""
    size = 4 * len(samples)
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), size))
    return float(np.argmax(power)) * rate_hz / size


def decibels(samples: Sound) -> float:
    """Mean level in dB below full scale."""
    return float(10 * np.log10(np.square(samples).mean() + 1e-20))


def band_db(samples: Sound, rate_hz: int, low_hz: float, high_hz: float) -> float:
    """Level of a band of frequencies in dB."""
    power = np.square(np.abs(np.fft.rfft(samples))) / len(samples) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / rate_hz)
    return float(10 * np.log10(power[(hz >= low_hz) & (hz < high_hz)].sum() + 1e-20))


def ratio_db(clean: Sound, heard: Sound) -> float:
    """Signal to noise ratio of a recording against the clean signal, in dB."""
    return decibels(clean) - decibels(heard - clean)


@dataclass(frozen=True)
class Ear:
    """Writes sounds into a folder, and listens to results."""

    folder: Path

    def write(self, name: str, samples: Sound, rate_hz: int = RATE_HZ) -> Path:
        """A file of samples, or of samples by channels."""
        path = self.folder / name
        soundfile.write(path, samples, rate_hz)
        return path

    def hear(self, product: Product) -> tuple[Sound, int]:
        """Samples, by channels if there are several, and the rate of a result."""
        assert product.path is not None
        return soundfile.read(product.path)

    def seconds(self, product: Product) -> float:
        """Length of a result."""
        samples, rate_hz = self.hear(product)
        return len(samples) / rate_hz
