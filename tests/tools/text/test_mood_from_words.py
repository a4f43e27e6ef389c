"""The mood that words speak of."""

import pytest

from controlllm_tools.media.mood import Mood, read_mood
from controlllm_tools.resources import Resource
from controlllm_tools.text.mood_from_words import MoodFromWords, place_of
from controlllm_tools.tool import Inputs, Item, Output, ToolContext


def mood(words: str, context: ToolContext) -> Mood:
    inputs = Inputs.of(words=Item(Resource.of_text("text", words)))
    output = MoodFromWords().run(inputs, context)["mood"]
    assert isinstance(output, Output)
    return read_mood(output.content or "")


def test_calm_is_slow_and_glad_and_sad_is_minor(context: ToolContext) -> None:
    calm, sad = mood("calm music", context), mood("a sad song", context)
    assert calm.tempo_bpm < 80
    assert calm.mode == "major"
    assert sad.mode == "minor"


@pytest.mark.parametrize(
    ("glad", "sad"), [("happy", "sad"), ("cheerful", "gloomy"), ("warm", "dark"), ("fun", "tense")]
)
def test_glad_words_have_more_valence_than_sad_ones(glad: str, sad: str) -> None:
    assert place_of(glad)[1] > place_of(sad)[1]


@pytest.mark.parametrize(
    ("wild", "still"), [("energetic", "calm"), ("furious", "quiet"), ("epic", "mellow")]
)
def test_wild_words_have_more_energy_than_still_ones(wild: str, still: str) -> None:
    assert place_of(wild)[0] > place_of(still)[0]


def test_not_turns_a_word_round_and_very_moves_it_outwards() -> None:
    assert place_of("not sad")[1] > 0.5 > place_of("sad")[1]
    assert place_of("very calm")[0] < place_of("calm")[0] < place_of("slightly calm")[0]


def test_words_of_tempo_set_the_energy_alone() -> None:
    assert place_of("slow and happy") == (0.15, place_of("happy")[1])


def test_several_words_meet_in_the_middle() -> None:
    low, high = sorted(place_of(word)[1] for word in ("dark", "epic"))
    assert low < place_of("dark and epic")[1] < high


@pytest.mark.parametrize("words", ["", "music", "🎵", "ein Lied"])
def test_words_that_say_nothing_of_a_mood_are_easy_going(words: str, context: ToolContext) -> None:
    assert mood(words, context).name == "easy-going"
