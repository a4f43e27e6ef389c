"""What is said is written down, stretch by stretch, with its times."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hearing import Ear, noise

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.spans import Span
from controlllm_tools.media.speech import Voice, speak
from controlllm_tools.media.transcript import Transcriber, Transcript
from controlllm_tools.tool import ToolContext

FOX = "the quick brown fox jumps over the lazy dog"


def words(text: str, start_s: float) -> tuple[Span, ...]:
    return tuple(
        Span(start_s=start_s + 0.4 * number, end_s=start_s + 0.4 * number + 0.3, label=word)
        for number, word in enumerate(text.split())
    )


def test_each_stretch_is_a_line_and_begins_a_cue() -> None:
    said = Transcript((words("Good morning", 1.0), words("The boats leave", 9.0)))
    assert said.text == "Good morning\nThe boats leave"
    assert [word.label for word in said.words] == "Good morning The boats leave".split()
    assert [(cue.start_s, cue.text) for cue in said.cues()] == [
        (1.0, "Good morning"), (9.0, "The boats leave"),
    ]  # fmt: skip


def test_two_sentences_are_heard_apart_at_their_times(context: ToolContext, tmp_path: Path) -> None:
    pytest.importorskip("espeakng_loader")
    voice, rate_hz = soundfile.read(speak(FOX, Voice(), context))
    pause = np.zeros(3 * rate_hz)
    soundfile.write(tmp_path / "two.wav", np.concatenate([pause, voice, pause, voice]), rate_hz)
    said = Transcriber().write_down(tmp_path / "two.wav", "two.wav", context)
    first, second = said.stretches
    for heard in (first, second):
        assert len({word.label.lower() for word in heard} & set(FOX.split())) >= 4
    assert first[0].start_s == pytest.approx(3.0, abs=0.4)
    assert second[0].start_s == pytest.approx(6.0 + len(voice) / rate_hz, abs=0.4)


def test_noise_is_named_as_its_user_calls_it(context: ToolContext, tmp_path: Path) -> None:
    path = Ear(tmp_path).write("x.wav", 0.3 * noise(3.0), 22_050)
    with pytest.raises(InvalidInput, match="no speech was found in the recording of Monday"):
        Transcriber().write_down(path, "the recording of Monday", context)
