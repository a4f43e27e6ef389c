"""Speech is found where it is, and nowhere else."""

from collections.abc import Callable

import numpy as np
import pytest
from hearing import Ear, noise

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.mood import Mood
from controlllm_tools.media.spans import Span, Spans
from controlllm_tools.perform import Product
from controlllm_tools.samples.sounds import tone

Perform = Callable[..., tuple[Product, ...]]


def spans(product: Product) -> tuple[Span, ...]:
    assert product.type == "spans.speech"
    return Spans.from_json(product.text or "").spans


@pytest.mark.parametrize("hiss", [0.0, 0.01])
def test_two_sentences_with_a_pause_are_two_stretches_at_their_times(
    ear: Ear, perform: Perform, hiss: float
) -> None:
    voice, rate_hz = ear.hear(perform("text_to_speech", text="The boats go out to sea.")[0])
    sound = np.concatenate([np.zeros(2 * rate_hz), voice, np.zeros(3 * rate_hz), voice])
    sound = sound + noise(len(sound) / rate_hz + 1, hiss, rate_hz=rate_hz)[: len(sound)]
    first, second = spans(perform("detect_speech", audio=ear.write("a.wav", sound, rate_hz))[0])
    length_s = len(voice) / rate_hz
    assert first.label == "speech"
    assert first.start_s == pytest.approx(2.0, abs=0.35)
    assert first.end_s == pytest.approx(2 + length_s, abs=0.7)
    assert second.start_s == pytest.approx(5 + length_s, abs=0.35)
    assert second.end_s <= 5 + 2 * length_s + 0.01


def test_a_longer_pause_may_belong_to_the_speech(ear: Ear, perform: Perform) -> None:
    voice, rate_hz = ear.hear(perform("text_to_speech", text="The boats go out to sea.")[0])
    sound = np.concatenate([voice, np.zeros(2 * rate_hz), voice])
    path = ear.write("a.wav", sound, rate_hz)
    assert len(spans(perform("detect_speech", audio=path)[0])) == 2
    assert len(spans(perform("detect_speech", audio=path, pause_s=3)[0])) == 1


def test_tones_noise_and_music_are_not_speech(
    ear: Ear, perform: Perform, make_mood: Callable[..., Mood]
) -> None:
    music = perform("compose_music", mood=make_mood().to_json(), seconds=8)[0].path
    for path in (
        tone(ear.folder / "tone.wav", 3.0, 220.0),
        ear.write("hiss.wav", noise(3.0)),
        ear.write("quiet.wav", np.zeros(44_100)),
        music,
    ):
        assert spans(perform("detect_speech", audio=path)[0]) == ()


def test_a_negative_pause_is_refused(ear: Ear, perform: Perform) -> None:
    with pytest.raises(InvalidInput, match="pause_s must lie between 0 and 60, got -1"):
        perform("detect_speech", audio=ear.write("a.wav", noise(1.0)), pause_s=-1)
