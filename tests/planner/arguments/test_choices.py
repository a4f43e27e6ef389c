"""Choices, and yes or no, in the words of a task."""

from __future__ import annotations

import pytest

from controlllm_planner.arguments.choices import said_choices, said_flags
from controlllm_tools.card import Port, ToolCard


def card_with(*ports: Port) -> ToolCard:
    return ToolCard(name="tool", version="1", summary="Do it.", inputs=ports, outputs=())


def choice(name: str, *choices: str) -> Port:
    return Port(name=name, type="option", optional=True, choices=choices)


def flag(name: str, description: str = "") -> Port:
    return Port(name=name, type="boolean", optional=True, description=description)


@pytest.mark.parametrize(
    ("choices", "said", "chosen"),
    [
        (("black_and_white", "colour"), "in black and white", "black_and_white"),
        (("counterclockwise", "clockwise"), "turn it counter-clockwise", "counterclockwise"),
        (("16:9", "4:3"), "crop it to 16:9", "16:9"),
        (("top right", "bottom left"), "in the bottom-left corner", "bottom left"),
        (("light", "strong"), "reduce the noise strongly", "strong"),
        (("grey", "red"), "in gray", "grey"),
        (("man", "woman"), "with a female voice", "woman"),
        (("PNG", "JPEG"), "save it as png", "PNG"),
    ],
)
def test_a_choice_is_known_in_other_words_and_marks(
    choices: tuple[str, ...], said: str, chosen: str
) -> None:
    assert dict(said_choices(card_with(choice("kind", *choices)), said)) == {"kind": (chosen,)}


def test_all_choices_that_are_said_are_told() -> None:
    card = card_with(choice("direction", "louder", "quieter"))
    assert dict(said_choices(card, "louder and quieter")) == {"direction": ("louder", "quieter")}


def test_of_two_choices_the_one_behind_to_is_meant() -> None:
    card = card_with(choice("format", "flac", "mp3", "wav"))
    assert dict(said_choices(card, "convert it from flac to mp3")) == {"format": ("mp3",)}
    assert dict(said_choices(card, "to mp3 and to wav")) == {"format": ("mp3", "wav")}


@pytest.mark.parametrize("said", ["to mp3 and wav", "to mp3, wav", "to mp3 as well as to wav"])
def test_what_is_joined_to_a_choice_behind_to_is_meant_too(said: str) -> None:
    card = card_with(choice("format", "flac", "mp3", "wav"))
    assert dict(said_choices(card, f"from flac {said}")) == {"format": ("mp3", "wav")}


@pytest.mark.parametrize(
    "said",
    [
        "to wav, not flac",
        "to wav, but never as flac or mp3",
        "to wav instead of flac",
        "to wav rather than to mp3",
        "to wav; don\u2019t use flac",
        "wav without mp3",
    ],
)
def test_a_choice_that_is_ruled_out_is_not_said(said: str) -> None:
    card = card_with(choice("format", "flac", "mp3", "wav"))
    assert dict(said_choices(card, said)) == {"format": ("wav",)}


def test_ruling_out_one_choice_says_no_other() -> None:
    card = card_with(choice("direction", "clockwise", "counterclockwise"))
    assert dict(said_choices(card, "turn it, but not clockwise")) == {}


def test_a_short_word_is_a_choice_only_as_it_is() -> None:
    assert dict(said_choices(card_with(choice("state", "on", "one")), "once and ones")) == {}


@pytest.mark.parametrize(
    ("name", "description", "said", "answer"),
    [
        ("keep_shape", "", "keep the shape", True),
        ("keep_shape", "", "without keeping the shape", False),
        ("remove_background", "", "without the background", True),
        ("remove_background", "", "keep the background", False),
        ("motion", "whether the pictures move", "with motion", True),
        ("motion", "whether the pictures move", "no motion please", False),
        ("holes", "also clear enclosed parts", "keep the holes", False),
        ("holes", "also clear enclosed parts", "clear the holes", True),
        ("invert", "", "the mask, inverted", True),
        ("case_sensitive", "", "case-sensitive", True),
        ("black_and_white", "", "in black and white", True),
        ("subtitles", "", "don't add subtitles", False),
        ("subtitles", "", "subtitles off", False),
    ],
)
def test_a_yes_or_no_is_read_with_the_words_around_it(
    name: str, description: str, said: str, answer: bool
) -> None:
    assert said_flags(card_with(flag(name, description)), said) == {name: answer}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("motion", "a slideshow of the motion picture"),
        ("holes", "without clearing the holes"),
        ("motion", "first with motion and then without motion"),
        ("expand", "the expansion of the universe"),
    ],
)
def test_what_is_not_clear_is_left_out(name: str, said: str) -> None:
    assert said_flags(card_with(flag(name)), said) == {}
