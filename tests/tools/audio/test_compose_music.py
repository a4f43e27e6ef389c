from collections.abc import Callable

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly, stft

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.mood import Mood
from controlllm_tools.perform import Product

Moods = Callable[..., Mood]
Perform = Callable[..., tuple[Product, ...]]
PITCH_CLASSES = {"C": 0, "D": 2, "E flat": 3, "F": 5, "G": 7, "A": 9, "B flat": 10}


def played(product: Product) -> tuple[NDArray[np.float64], int]:
    assert product.path is not None
    samples, rate_hz = soundfile.read(product.path)
    return samples, rate_hz


def chroma(sound: NDArray[np.float64], rate_hz: int) -> NDArray[np.float64]:
    """Share of the energy between 60 and 2000 Hz in each pitch class."""
    mono = sound.mean(axis=1)
    power = np.square(np.abs(np.fft.rfft(mono * np.hanning(len(mono)))))
    hz = np.fft.rfftfreq(len(mono), 1 / rate_hz)
    kept = (hz > 60) & (hz < 2_000)
    classes = np.round(69 + 12 * np.log2(hz[kept] / 440)).astype(int) % 12
    shares = np.bincount(classes, power[kept], 12)
    return shares / shares.sum()


def beats_a_minute(sound: NDArray[np.float64], rate_hz: int) -> NDArray[np.float64]:
    """Strength of regular onsets at 40 to 200 a minute, from the autocorrelation of onsets."""
    hop = 441
    spectrum = np.log1p(100 * np.abs(stft(sound.mean(axis=1), rate_hz, nperseg=1_024,
                                          noverlap=1_024 - hop)[2]))  # fmt: skip
    onsets = np.maximum(0, np.diff(spectrum, axis=1)).sum(axis=0)
    onsets -= onsets.mean()
    lags = np.correlate(onsets, onsets, "full")[len(onsets) - 1 :]
    return np.array([lags[round(60 * rate_hz / hop / bpm)] for bpm in range(40, 201)]) / lags[0]


@pytest.mark.parametrize("seconds", [1.0, 6.5])
def test_music_is_exactly_as_long_as_asked(
    perform: Perform, make_mood: Moods, seconds: float
) -> None:
    sound, rate_hz = played(
        perform("compose_music", mood=make_mood().to_json(), seconds=seconds)[0]
    )
    assert len(sound) == round(seconds * rate_hz)


def test_without_a_length_it_lasts_half_a_minute(perform: Perform, make_mood: Moods) -> None:
    (product,) = perform("compose_music", mood=make_mood().to_json())
    assert product.facts.duration_s == pytest.approx(30.0, abs=0.01)
    assert (product.mime, product.facts.channels) == ("audio/flac", 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"energy": 0.15, "mode": "minor", "tempo_bpm": 62},
        {"energy": 0.5},
        {"energy": 0.9, "tempo_bpm": 132, "ensemble": {
            "lead": "piano", "chords": "horns", "figure": "marimba", "bass": "electric bass",
            "drums": True}},
    ],
)  # fmt: skip
def test_music_is_even_loud_and_never_clips(
    perform: Perform, make_mood: Moods, changes: dict[str, object]
) -> None:
    value = make_mood(**changes).to_json()
    sound, rate_hz = played(perform("compose_music", mood=value, seconds=15)[0])
    peak = np.abs(resample_poly(sound, 4, 1, axis=0)).max()
    assert 20 * np.log10(peak) < -0.9
    windows = sound[: len(sound) // rate_hz * rate_hz].reshape(-1, rate_hz * 2)
    levels = 20 * np.log10(np.sqrt(np.square(windows).mean(axis=1)))
    # no pause: every second but the last one, where it fades, is heard
    assert levels[:-1].min() > -36
    assert levels[-1] < levels[:-1].mean()


@pytest.mark.parametrize("changes", [{"mode": "major"}, {"mode": "minor", "energy": 0.3}])
def test_the_sound_is_in_the_key_that_the_caption_names(
    perform: Perform, make_mood: Moods, changes: dict[str, object]
) -> None:
    value = make_mood(**changes).to_json()
    (product,) = perform("compose_music", mood=value, seconds=15, seed=4)
    tonic, mode = product.caption.split(" in ")[1].split(",")[0].rsplit(" ", 1)
    scale = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10, 11)}[mode]
    shares = np.roll(chroma(*played(product)), -PITCH_CLASSES[tonic])
    assert mode == changes["mode"]
    assert shares[list(scale)].sum() > 0.9
    assert shares[4 if mode == "major" else 3] > 2 * shares[3 if mode == "major" else 4]


@pytest.mark.parametrize("tempo_bpm", [84, 120])
def test_the_pulse_is_the_tempo_of_the_mood(
    perform: Perform, make_mood: Moods, tempo_bpm: int
) -> None:
    lively = make_mood(tempo_bpm=tempo_bpm, energy=0.9, ensemble={
        "lead": "piano", "chords": "strings", "figure": "guitar", "bass": "electric bass",
        "drums": True})  # fmt: skip
    strength = beats_a_minute(
        *played(perform("compose_music", mood=lively.to_json(), seconds=15)[0])
    )
    near = strength[tempo_bpm - 40 - 3 : tempo_bpm - 40 + 4]
    assert near.max() > 0.3
    assert near.max() > 2 * np.median(np.abs(strength))
    assert abs(int(np.argmax(near)) - 3) <= 1


def test_the_last_sound_is_the_tonic(perform: Perform, make_mood: Moods) -> None:
    (product,) = perform("compose_music", mood=make_mood(energy=0.2).to_json(), seconds=12)
    tonic = product.caption.split(" in ")[1].split(",")[0].rsplit(" ", 1)[0]
    sound, rate_hz = played(product)
    shares = np.roll(chroma(sound[-2 * rate_hz :], rate_hz), -PITCH_CLASSES[tonic])
    assert shares[0] == shares.max()


def test_the_same_seed_makes_the_same_bytes(perform: Perform, make_mood: Moods) -> None:
    paths = [
        perform("compose_music", mood=make_mood().to_json(), seconds=4, seed=seed)[0].path
        for seed in (3, 3, 4)
    ]
    first, again, other = (path.read_bytes() for path in paths if path is not None)
    assert first == again != other


@pytest.mark.parametrize("seconds", [0.2, 4_000])
def test_a_length_out_of_range_is_refused(
    perform: Perform, make_mood: Moods, seconds: float
) -> None:
    with pytest.raises(InvalidInput, match="ask for 1 to 3600 s"):
        perform("compose_music", mood=make_mood().to_json(), seconds=seconds)


def test_a_mood_with_a_wrong_field_is_refused_by_its_name(
    perform: Perform, make_mood: Moods
) -> None:
    wrong = make_mood().to_json() | {"tempo_bpm": 900}
    with pytest.raises(InvalidInput, match="this is not a mood: tempo_bpm"):
        perform("compose_music", mood=wrong)
