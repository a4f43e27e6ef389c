from pathlib import Path

import numpy as np
import pytest
import soundfile

from controlllm_tools.samples.sounds import tone


@pytest.mark.parametrize(("seconds", "hz"), [(1.0, 440.0), (2.5, 1_000.0)])
def test_a_tone_has_its_frequency_and_its_length(tmp_path: Path, seconds: float, hz: float) -> None:
    samples, rate_hz = soundfile.read(tone(tmp_path / "tone.flac", seconds, hz))
    assert len(samples) == round(seconds * rate_hz)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    assert np.argmax(spectrum) / seconds == pytest.approx(hz, abs=1)
    assert np.abs(samples).max() == pytest.approx(0.25, abs=0.01)


def test_a_tone_begins_and_ends_softly(tmp_path: Path) -> None:
    samples, _ = soundfile.read(tone(tmp_path / "tone.wav"))
    assert np.abs(samples[:20]).max() < 0.01
    assert np.abs(samples[-20:]).max() < 0.01
