"""A voice speaks as it is told, and only what can be spoken."""

import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.sound import sound_facts
from controlllm_tools.media.speech import Voice, speak
from controlllm_tools.tool import ToolContext

pytest.importorskip("espeakng_loader")

SENTENCE = "the quick brown fox jumps over the lazy dog"


def test_fewer_words_a_minute_take_longer(context: ToolContext) -> None:
    def seconds(words_a_minute: float) -> float:
        path = speak(SENTENCE, Voice(words_a_minute=words_a_minute), context)
        return sound_facts(path).duration_s or 0.0

    assert seconds(100) > 1.4 * seconds(200)


def test_speed_and_pitch_stay_in_what_the_program_takes() -> None:
    assert Voice(words_a_minute=5, pitch=-3).arguments() == ("en-us+f5", "80", "0")
    assert Voice(language="german", kind="man", words_a_minute=999, pitch=999).arguments() == (
        "de+m6", "300", "99",
    )  # fmt: skip


def test_what_holds_no_word_is_not_spoken(context: ToolContext) -> None:
    with pytest.raises(InvalidInput, match="no word to speak"):
        speak(" ... ", Voice(), context)
