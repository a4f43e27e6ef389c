"""Every word gets its time: recognised, or laid over by a transcript."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hearing import RATE_HZ, Ear, noise

from controlllm_tools.audio import word_timings
from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.spans import Span, Spans
from controlllm_tools.perform import Product

Perform = Callable[..., tuple[Product, ...]]
PARTS = ("The boats", "go out to sea", "at 7 in the morning")


@pytest.fixture
def recording(ear: Ear, perform: Perform) -> tuple[Path, list[float]]:
    """Three parts with a second of silence before each, and the time at which each begins."""
    sound, starts, rate_hz = [], [], 22_050
    for part in PARTS:
        voice, rate_hz = ear.hear(perform("text_to_speech", text=part)[0])
        sound.append(np.zeros(rate_hz))
        starts.append(sum(map(len, sound)) / rate_hz)
        sound.append(voice[: np.flatnonzero(np.abs(voice) > 0.01)[-1]])
    return ear.write("parts.wav", np.concatenate(sound), rate_hz), starts


def words(product: Product) -> tuple[Span, ...]:
    assert product.type == "spans.words"
    return Spans.from_json(product.text or "").spans


def test_a_transcript_is_laid_over_the_recording(
    perform: Perform, recording: tuple[Path, list[float]]
) -> None:
    path, starts = recording
    text = "The boats go out to sea, at 7 in the morning."
    found = words(perform("word_timings", audio=path, transcript=text)[0])
    assert [span.label for span in found] == text.split()
    for label, start_s in zip(("The", "go", "at"), starts, strict=True):
        span = next(each for each in found if each.label == label)
        assert span.start_s == pytest.approx(start_s, abs=0.2)
    assert all(a.end_s <= b.start_s + 1e-6 for a, b in pairwise(found))
    # nobody speaks in the pauses
    assert found[1].end_s < starts[1] - 0.6
    assert found[5].end_s < starts[2] - 0.6


def test_a_word_that_no_dictionary_knows_is_found_between_its_neighbours(
    ear: Ear, perform: Perform
) -> None:
    text = "The zorbling went to sea"
    (voice,) = perform("text_to_speech", text=text)
    found = words(perform("word_timings", audio=voice.path, transcript=text)[0])
    assert [span.label for span in found] == text.split()
    assert found[1].seconds > 0.25


def test_without_a_transcript_the_words_are_those_that_are_heard(
    perform: Perform, recording: tuple[Path, list[float]]
) -> None:
    path, starts = recording
    found = words(perform("word_timings", audio=path)[0])
    (transcript, _) = perform("speech_to_text", audio=path)
    assert " ".join(span.label for span in found).split() == (transcript.text or "").split()
    assert found[0].start_s == pytest.approx(starts[0], abs=0.3)


def test_a_transcript_of_something_else_is_refused(
    perform: Perform, recording: tuple[Path, list[float]]
) -> None:
    other = " ".join(["entirely different sentences about mathematics and chemistry"] * 9)
    with pytest.raises(InvalidInput, match=r"does not fit parts\.wav"):
        perform("word_timings", audio=recording[0], transcript=other)
    with pytest.raises(InvalidInput, match="holds no word"):
        perform("word_timings", audio=recording[0], transcript="... --")


def test_noise_holds_no_words_and_too_long_a_recording_is_refused(
    ear: Ear, perform: Perform, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = ear.write("hiss.wav", noise(4.0)[: 4 * RATE_HZ])
    with pytest.raises(InvalidInput, match=r"no speech was found in hiss\.wav"):
        perform("word_timings", audio=path)
    monkeypatch.setattr(word_timings, "LONGEST_ALIGNED_S", 3.0)
    with pytest.raises(InvalidInput, match=r"hiss\.wav lasts 4 s"):
        perform("word_timings", audio=path, transcript="hello")
