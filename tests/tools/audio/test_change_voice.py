"""Each disguise changes what it says, and the words keep their time."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hearing import Ear, Sound, band_db, decibels

from controlllm_tools.perform import Product

Perform = Callable[..., tuple[Product, ...]]


@pytest.fixture
def voice(perform: Perform) -> Path:
    path = perform("text_to_speech", text="The boats are leaving the harbour now.")[0].path
    assert path is not None
    return path


def pitches(samples: Sound, rate_hz: int) -> list[float]:
    """Pitch of each voiced twentieth of a second, by autocorrelation between 50 and 700 Hz."""
    window, found = rate_hz // 20, []
    for start in range(0, len(samples) - window, window):
        part = samples[start : start + window] - samples[start : start + window].mean()
        lags = np.correlate(part, part, "full")[window - 1 :]
        low, high = rate_hz // 700, rate_hz // 50
        best = low + int(np.argmax(lags[low:high]))
        if np.square(part).mean() > 1e-4 and lags[best] > 0.5 * lags[0]:
            found.append(rate_hz / best)
    return found


@pytest.mark.parametrize(
    ("kind", "semitones"), [("deeper", -4), ("higher", 4), ("chipmunk", 9), ("monster", -9)]
)
def test_the_pitch_moves_and_the_length_stays(
    ear: Ear, perform: Perform, voice: Path, kind: str, semitones: float
) -> None:
    before, rate_hz = ear.hear(perform("convert_channels", audio=voice)[0])
    after, after_hz = ear.hear(perform("change_voice", audio=voice, voice=kind)[0])
    assert after_hz == rate_hz
    assert len(after) / rate_hz == pytest.approx(len(before) / rate_hz, abs=0.06)
    moved = 12 * np.log2(np.median(pitches(after, rate_hz)) / np.median(pitches(before, rate_hz)))
    assert moved == pytest.approx(semitones, abs=1.5)


def test_a_robot_does_not_change_its_pitch(ear: Ear, perform: Perform, voice: Path) -> None:
    before, rate_hz = ear.hear(perform("convert_channels", audio=voice)[0])
    robot, robot_hz = ear.hear(perform("change_voice", audio=voice, voice="robot")[0])
    assert np.std(pitches(robot, robot_hz)) < 0.3 * np.std(pitches(before, rate_hz))
    assert decibels(robot) == pytest.approx(decibels(before), abs=6)


def test_a_whisper_has_no_pitch(ear: Ear, perform: Perform, voice: Path) -> None:
    before, rate_hz = ear.hear(perform("convert_channels", audio=voice)[0])
    whisper, whisper_hz = ear.hear(perform("change_voice", audio=voice, voice="whisper")[0])
    assert len(pitches(whisper, whisper_hz)) < 0.25 * len(pitches(before, rate_hz))
    # it is as loud in the same places
    window = rate_hz // 10
    count = min(len(before), len(whisper)) // window
    levels = [
        np.sqrt(np.square(each[: count * window].reshape(count, window)).mean(axis=1))
        for each in (before, whisper)
    ]
    assert np.corrcoef(*levels)[0, 1] > 0.6


def test_a_telephone_passes_the_middle_only(ear: Ear, perform: Perform, voice: Path) -> None:
    phone, rate_hz = ear.hear(perform("change_voice", audio=voice, voice="telephone")[0])
    middle = band_db(phone, rate_hz, 300, 3_400)
    assert band_db(phone, rate_hz, 4_500, 11_000) < middle - 25
    assert band_db(phone, rate_hz, 20, 150) < middle - 15
