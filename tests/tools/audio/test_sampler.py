import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.audio.instruments import INSTRUMENTS
from controlllm_tools.audio.sampler import RATE_HZ, Sampler


def rms_db(sound: NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.square(sound).mean() + 1e-20))


def strongest_near(sound: NDArray[np.float32], hz: float) -> tuple[float, float]:
    """Cents between a frequency and the nearest strong partial, and that partial's share."""
    size = 1 << 18
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), size))
    frequencies = np.fft.rfftfreq(size, 1 / RATE_HZ)
    around = (frequencies > hz * 2 ** (-1 / 12)) & (frequencies < hz * 2 ** (1 / 12))
    best = np.argmax(np.where(around, spectrum, 0))
    return 1_200 * np.log2(frequencies[best] / hz), float(spectrum[best] / spectrum.max())


def test_every_instrument_plays_in_tune_over_its_range(
    sampler: Sampler, melodic: list[str]
) -> None:
    for name in melodic:
        instrument = INSTRUMENTS[name]
        for pitch in (instrument.lowest, (instrument.lowest + instrument.highest) // 2):
            note = sampler.note(name, pitch, 90, 1.5).mean(axis=0)[2_000 : RATE_HZ + 2_000]
            cents, share = strongest_near(note, 440 * 2 ** ((pitch - 69) / 12))
            assert abs(cents) < 20, (name, pitch)
            assert share > 0.08, (name, pitch)


def test_a_harder_touch_is_louder_and_brighter(sampler: Sampler) -> None:
    soft, hard = (sampler.note("piano", 60, velocity, 1.0) for velocity in (30, 110))
    assert rms_db(hard) - rms_db(soft) > 12

    def brightness(sound: NDArray[np.float32]) -> float:
        power = np.square(np.abs(np.fft.rfft(sound.mean(axis=0))))
        frequencies = np.fft.rfftfreq(sound.shape[1], 1 / RATE_HZ)
        return float(power[frequencies > 2_000].sum() / power.sum())

    assert brightness(hard) > 1.5 * brightness(soft)


def test_a_released_note_dies_away_without_a_click(sampler: Sampler) -> None:
    note = sampler.note("strings", 64, 90, 1.0)
    held, late = note[:, RATE_HZ // 2 : RATE_HZ], note[:, -RATE_HZ // 20 :]
    assert note.shape[1] == pytest.approx(RATE_HZ * 1.9, abs=2)
    assert rms_db(held) - rms_db(late) > 40
    jumps = np.abs(np.diff(note, axis=1)).max(axis=0)
    assert jumps[RATE_HZ - 500 :].max() <= 1.1 * jumps[: RATE_HZ - 500].max()


def test_instruments_are_equally_loud(sampler: Sampler, melodic: list[str]) -> None:
    levels = []
    for name in melodic:
        instrument = INSTRUMENTS[name]
        note = sampler.note(name, (instrument.lowest + instrument.highest) // 2, 90, 1.0)
        levels.append(max(rms_db(note[:, start:][:, :8_820]) for start in range(0, 44_100, 8_820)))
    assert max(levels) - min(levels) < 4


def test_long_notes_go_on_as_long_as_they_are_held(sampler: Sampler) -> None:
    note = sampler.note("organ", 60, 90, 12.0)
    assert rms_db(note[:, 11 * RATE_HZ : 12 * RATE_HZ]) == pytest.approx(
        rms_db(note[:, RATE_HZ : 2 * RATE_HZ]), abs=2
    )


@pytest.mark.parametrize("name", ["harp", "strings", "piano"])
def test_a_note_does_not_depend_on_what_was_played_before(sampler: Sampler, name: str) -> None:
    sampler.note(name, 70, 64, 6.0)
    assert np.array_equal(sampler.note(name, 70, 64, 0.5), Sampler().note(name, 70, 64, 0.5))
