import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from controlllm_tools.errors import Cancelled, InvalidInput
from controlllm_tools.media.speech import LONGEST_TEXT
from controlllm_tools.perform import Product, ToolBench
from controlllm_tools.registry import load_registry
from controlllm_tools.resources import Resource
from controlllm_tools.tool import Inputs, Item, ToolContext

Perform = Callable[..., tuple[Product, ...]]
REGISTRY = Path(__file__).parents[3] / "registry.yaml"
SENTENCE = "Good morning, and welcome to the harbour."


def spoken(product: Product) -> tuple[NDArray[np.float64], int]:
    assert product.path is not None
    samples, rate_hz = soundfile.read(product.path)
    return samples, rate_hz


def voice_hz(samples: NDArray[np.float64], rate_hz: int) -> float:
    """Median pitch of the voiced parts, by autocorrelation between 60 and 400 Hz."""
    window = rate_hz // 20
    found = []
    for start in range(0, len(samples) - window, window):
        part = samples[start : start + window] - samples[start : start + window].mean()
        if np.square(part).mean() < 1e-3:
            continue
        lags = np.correlate(part, part, "full")[window - 1 :]
        low, high = rate_hz // 400, rate_hz // 60
        best = low + int(np.argmax(lags[low:high]))
        if lags[best] > 0.5 * lags[0]:
            found.append(rate_hz / best)
    return float(np.median(found))


def test_a_sentence_becomes_a_few_seconds_of_sound(perform: Perform) -> None:
    (product,) = perform("text_to_speech", text=SENTENCE)
    samples, rate_hz = spoken(product)
    assert 1.5 < len(samples) / rate_hz < 5
    assert 0.05 < np.abs(samples).max() < 1
    assert (product.mime, product.type) == ("audio/flac", "audio.speech")


def test_more_words_take_more_time_and_more_speed_takes_less(perform: Perform) -> None:
    def seconds(**ports: object) -> float:
        samples, rate_hz = spoken(perform("text_to_speech", **ports)[0])
        return len(samples) / rate_hz

    usual = seconds(text=SENTENCE)
    assert seconds(text=f"{SENTENCE} {SENTENCE}") == pytest.approx(2 * usual, rel=0.2)
    assert seconds(text=SENTENCE, speed=260) < 0.7 * usual


def test_a_woman_speaks_higher_than_a_man_and_pitch_raises_the_voice(perform: Perform) -> None:
    def pitch(**ports: object) -> float:
        return voice_hz(*spoken(perform("text_to_speech", text=SENTENCE, **ports)[0]))

    assert pitch(voice="woman") > 1.3 * pitch(voice="man")
    assert pitch(pitch=90) > 1.1 * pitch(pitch=10)


def test_languages_sound_different(perform: Perform) -> None:
    lengths = {
        language: len(
            spoken(perform("text_to_speech", text="Nation 1999", language=language)[0])[0]
        )
        for language in ("english-us", "english-gb", "german", "french", "polish")
    }
    assert len(set(lengths.values())) == 5


def test_speech_has_the_low_formants_of_a_voice(perform: Perform) -> None:
    samples, rate_hz = spoken(perform("text_to_speech", text=SENTENCE)[0])
    power = np.square(np.abs(np.fft.rfft(samples)))
    hz = np.fft.rfftfreq(len(samples), 1 / rate_hz)
    assert power[(hz > 100) & (hz < 4_000)].sum() > 0.9 * power.sum()


@pytest.mark.parametrize("voice", ["woman", "man", "soft", "whisper"])
def test_the_same_text_is_spoken_the_same_in_another_second(perform: Perform, voice: str) -> None:
    """The library seeds the noise of breath with the clock, in whole seconds."""
    begun, results = time.monotonic(), set()
    while time.monotonic() < begun + 1.1:
        path = perform("text_to_speech", text=SENTENCE, voice=voice)[0].path
        assert path is not None
        results.add(path.read_bytes())
    assert len(results) == 1


def test_a_long_text_is_spoken_to_its_end(perform: Perform, tmp_path: Path) -> None:
    text = tmp_path / "long.txt"
    text.write_text("The lamp is lit at dusk. " * 400)
    samples, rate_hz = spoken(perform("text_to_speech", text=text)[0])
    assert len(samples) / rate_hz > 400


@pytest.mark.parametrize("text", ["", "  \n", "... !? --", "\x00"])
def test_a_text_without_words_is_refused(perform: Perform, text: str) -> None:
    with pytest.raises(InvalidInput, match="no word to speak"):
        perform("text_to_speech", text=text)


def test_a_text_over_the_limit_is_refused_with_both_lengths(
    perform: Perform, tmp_path: Path
) -> None:
    text = tmp_path / "huge.txt"
    text.write_text("a" * (LONGEST_TEXT + 1))
    with pytest.raises(InvalidInput, match="120001 characters, the limit is 120000"):
        perform("text_to_speech", text=text)


def test_text_that_looks_like_options_or_markup_is_only_words(perform: Perform) -> None:
    (product,) = perform("text_to_speech", text="--help; $(id) <break time='60s'/> go")
    samples, rate_hz = spoken(product)
    assert len(samples) / rate_hz < 15


def test_a_cancelled_call_ends_the_program(bench: ToolBench, tmp_path: Path) -> None:
    card = load_registry(REGISTRY).cards["text_to_speech"]
    text = tmp_path / "long.txt"
    text.write_text("A bell rings in the fog. " * 4_000)
    resource = Resource.of_text("text", "x")
    asked = iter([False, False, True, True, True])
    context = ToolContext(scratch=tmp_path, is_cancelled=lambda: next(asked))
    with pytest.raises(Cancelled):
        bench.perform(card, Inputs.of(text=Item(_file(resource), text)), context)


def _file(resource: Resource) -> Resource:
    return Resource(
        type=resource.type, sha256=resource.sha256, size_bytes=1, mime="text/plain", name="long.txt"
    )
