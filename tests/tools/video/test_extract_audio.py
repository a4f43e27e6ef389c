from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product

Frame = NDArray[np.uint8]
Film = Callable[..., Path]
Perform = Callable[..., tuple[Product, ...]]


def test_the_tone_of_the_video_is_in_the_sound(
    film: Film, perform: Perform, texture: Frame
) -> None:
    (sound,) = perform("extract_audio", video=film("tone", [texture] * 20, hz=523.25))
    assert sound.path is not None
    samples, rate_hz = soundfile.read(sound.path)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    assert np.argmax(spectrum) * rate_hz / len(samples) == pytest.approx(523.25, abs=1)
    assert len(samples) / rate_hz == pytest.approx(2.0, abs=0.05)
    assert sound.mime == "audio/flac"


def test_a_video_without_sound_is_refused(film: Film, perform: Perform, texture: Frame) -> None:
    with pytest.raises(InvalidInput, match="has no sound"):
        perform("extract_audio", video=film("mute", [texture] * 10))
