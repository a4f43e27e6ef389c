"""Facts agree with sounds whose truth is known."""

from collections.abc import Callable

import numpy as np
import pytest
from hearing import RATE_HZ, Ear, noise, pause, sine

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.audio_facts import AudioFacts, read_audio_facts
from controlllm_tools.media.mood import Mood
from controlllm_tools.perform import Product

Perform = Callable[..., tuple[Product, ...]]


@pytest.fixture
def facts(ear: Ear, perform: Perform) -> Callable[[np.ndarray], AudioFacts]:
    def facts(sound: np.ndarray) -> AudioFacts:
        found, seconds = perform("audio_facts", audio=ear.write("a.wav", sound))
        read = read_audio_facts(found.text or "")
        assert float(seconds.text or 0) == read.seconds
        return read

    return facts


Facts = Callable[[np.ndarray], AudioFacts]


def test_length_level_and_silence_are_measured(facts: Facts) -> None:
    tone = np.sin(2 * np.pi * 997 * np.arange(3 * RATE_HZ) / RATE_HZ) * 0.5
    found = facts(np.stack([np.concatenate([tone, pause(1.0)])] * 2, axis=1))
    assert (found.seconds, found.sample_rate_hz, found.channels) == (4.0, 44_100, 2)
    assert found.loudness_lufs == pytest.approx(-6.0, abs=0.4)
    assert found.peak_dbtp == pytest.approx(-6.0, abs=0.2)
    assert found.silence == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize("bpm", [75, 100, 128, 150])
def test_the_tempo_of_clicks_is_found(facts: Facts, bpm: float) -> None:
    sound = np.zeros(15 * RATE_HZ)
    click = noise(0.04, 0.3) * np.exp(-np.arange(1_764) / 300)
    for at_s in np.arange(0, 14.9, 60 / bpm):
        sound[round(at_s * RATE_HZ) :][:1_764] += click
    found = facts(sound).tempo
    assert found is not None
    assert found.bpm == pytest.approx(bpm, rel=0.01)
    assert found.confidence > 0.7


@pytest.mark.parametrize(
    ("tonic", "third", "name"), [(0, 4, "C major"), (9, 3, "A minor"), (3, 4, "E flat major")]
)
def test_the_key_of_a_cadence_is_found(facts: Facts, tonic: int, third: int, name: str) -> None:
    fourth = [5, 5 + third, 12]
    chords = [[0, third, 7], fourth, [7, 11, 14], [0, third, 7]]
    sound = [
        sum(
            sine(0.8, 261.63 * 2 ** ((tonic + note) / 12) * part, 0.06 / part)
            for note in chord
            for part in (1, 2, 3)
        )
        for chord in chords * 2
    ]
    found = facts(np.concatenate(sound)).key
    assert found is not None
    assert found.name == name


def test_composed_music_has_the_tempo_and_the_key_it_was_given(
    perform: Perform, make_mood: Callable[..., Mood]
) -> None:
    plucked = {
        "lead": "vibraphone",
        "chords": "warm pad",
        "figure": "electric piano",
        "bass": "double bass",
        "drums": False,
    }
    mood = make_mood(tempo_bpm=96, mode="minor", energy=0.7, ensemble=plucked).to_json()
    (music,) = perform("compose_music", seed=2, mood=mood, seconds=14)
    facts, _ = perform("audio_facts", audio=music.path)
    found = read_audio_facts(facts.text or "")
    assert found.key is not None
    assert f" {found.key.name}, " in music.caption
    assert found.tempo is not None
    assert found.tempo.bpm == pytest.approx(96, rel=0.03)


def test_what_is_not_there_is_not_guessed(facts: Facts) -> None:
    quiet = facts(pause(2.0))
    assert (quiet.loudness_lufs, quiet.peak_dbtp) == (None, None)
    assert (quiet.silence, quiet.tempo, quiet.key) == (1.0, None, None)
    hiss = facts(noise(4.0))
    assert (hiss.tempo, hiss.key, hiss.silence) == (None, None, 0.0)
    assert facts(sine(4.0)).tempo is None


def test_the_very_shortest_sound_has_facts(facts: Facts) -> None:
    assert facts(sine(0.01)).seconds == 0.01


def test_facts_of_something_else_are_refused() -> None:
    with pytest.raises(InvalidInput, match="this is not a list of audio facts: channels"):
        read_audio_facts('{"seconds": 1, "sample_rate_hz": 8000, "channels": 0}')
