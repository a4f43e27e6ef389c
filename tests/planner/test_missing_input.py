"""Questions back to the person: what is missing, all of it, and how to give it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from worlds import CARDS, TYPES, calls, card, planner, request

from controlllm_planner.errors import NeedsInput, NoSolution
from controlllm_planner.missing_input import is_open
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import Port, ToolCard
from controlllm_tools.registry import TypeInfo
from controlllm_tools.resources import ResourceType


def with_port(made: ToolCard, port: Port) -> ToolCard:
    return replace(made, inputs=(*made.inputs, port))


LANGUAGE = Port(
    name="language",
    type="option",
    choices=("french", "spanish", "brazilian portuguese"),
    description="the language to translate into",
)
TRANSLATE = with_port(
    card(
        "translate",
        "text:text",
        "translation:text",
        "Translate a text into another language.",
        examples=("translate the letter to French",),
    ),
    LANGUAGE,
)
REMIND = with_port(
    card("remind", "text:text", "note:text", "Remind me of something."),
    Port(name="minutes", type="number", description="after how many minutes"),
)
CARDS_WITH_VALUES = (
    *CARDS,
    TRANSLATE,
    REMIND,
    card("interpret", "text:text tongue_language:text.language", "said:text", "Interpret a text."),
    card("tag_boxes", "boxes:boxes label:text.label", "boxes:boxes", "Name boxes with a label."),
    card("segment_at", "image:image point:point", "mask:image.mask", "Segment at a point."),
    card("make_code", "text:text", "code:image", "Make a QR code."),
    card("compare", "first:image second:image", "number:number", "Compare two pictures."),
)
MORE_TYPES = {
    **TYPES,
    ResourceType("text.language"): TypeInfo(),
    ResourceType("text.label"): TypeInfo(words=("label",)),
    ResourceType("point"): TypeInfo(),
}
PLANNER = planner(ToolGraph(CARDS_WITH_VALUES, MORE_TYPES))
PLAIN = planner()


def asked(text: str, *attachments: str) -> list[tuple[str, str]]:
    """The tools and ports that are asked for."""
    with pytest.raises(NeedsInput) as caught:
        PLANNER.plan(request(text, *attachments))
    return [(each.tool, each.port) for each in caught.value.missing]


@pytest.mark.parametrize(
    ("text", "files", "missing"),
    [
        ("Blur the picture", (), [("blur_picture", "image")]),
        ("Describe it", (), [("caption_picture", "image")]),
        ("Take the sound track out of the film", (), [("sound_track", "video")]),
        ("Arrange my photos as a collage", (), [("collage", "pictures")]),
        ("Summarise the report", (), [("summarise", "text")]),
        ("Read this aloud", (), [("speak", "text")]),
        ("Dub the clip with the song", (), [("dub", "video"), ("dub", "audio")]),
        ("Make a QR code", (), [("make_code", "text")]),
        ("Compare the two pictures", ("a.png:image",), [("compare", "second")]),
        ("Translate the letter", ("letter.txt:text",), [("translate", "language")]),
        ("Translate the letter", (), [("translate", "text"), ("translate", "language")]),
        ('Remind me of "tea"', (), [("remind", "minutes")]),
        ("Interpret the letter", ("letter.txt:text",), [("interpret", "tongue_language")]),
        ("Name the boxes in a.png", ("a.png:image",), [("tag_boxes", "label")]),
    ],
)
def test_what_is_nowhere_in_the_request_is_asked_for(
    text: str, files: tuple[str, ...], missing: list[tuple[str, str]]
) -> None:
    assert asked(text, *files) == missing


@pytest.mark.parametrize(
    ("text", "files", "plan"),
    [
        (
            "Translate the letter to Spanish",
            ("letter.txt:text",),
            ["s1 translate(text=letter.txt, language='spanish')"],
        ),
        (
            "Translate the letter to Brazilian Portuguese",
            ("letter.txt:text",),
            ["s1 translate(text=letter.txt, language='brazilian portuguese')"],
        ),
        ('Remind me of "tea" in 5 minutes', (), ["s1 remind(text='tea', minutes=5)"]),
        (
            "Interpret the letter into Finnish",
            ("letter.txt:text",),
            ["s1 interpret(text=letter.txt, tongue_language='Finnish')"],
        ),
        (
            'Name the boxes in a.png with the label "dog"',
            ("a.png:image",),
            [
                "s1 detect_objects(image=a.png)",
                "s2 tag_boxes(boxes=s1.boxes, label='dog')",
            ],
        ),
        ("Make a QR code that says hello", (), ["s1 make_code(text='hello')"]),
        ('Make a QR code of "hello"', (), ["s1 make_code(text='hello')"]),
        ("Blur the picture", ("a.png:image",), ["s1 blur_picture(image=a.png)"]),
    ],
)
def test_what_was_said_or_attached_is_not_asked_for(
    text: str, files: tuple[str, ...], plan: list[str]
) -> None:
    assert calls(PLANNER.plan(request(text, *files))) == plan


def test_a_language_that_a_tool_does_not_offer_is_asked_for_and_not_left_at_its_default() -> None:
    language = replace(LANGUAGE, optional=True, choices=("french", "spanish"))
    cards = (*CARDS, replace(TRANSLATE, inputs=(TRANSLATE.inputs[0], language)))
    asking = planner(ToolGraph(cards, TYPES))
    with pytest.raises(NeedsInput, match=r"\('Finnish' is not on offer\): say one of french, span"):
        asking.plan(request("Translate the letter into Finnish", "letter.txt:text"))
    plan = asking.plan(request("Translate the letter into Spanish", "letter.txt:text"))
    assert calls(plan) == ["s1 translate(text=letter.txt, language='spanish')"]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("I have a long article. Summarise it, then describe a.png", [("summarise", "text")]),
        ("Here is a letter. Read it aloud and blur a.png", [("speak", "text")]),
        (
            "I've got a short video. Take the sound track out of the video",
            [("sound_track", "video")],
        ),
    ],
)
def test_what_a_person_says_to_have_is_asked_for_and_not_made_of_something_else(
    text: str, missing: list[tuple[str, str]]
) -> None:
    assert asked(text, "a.png:image") == missing


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ('I have a letter: "Dear Ann". Read it aloud', ["s1 speak(text='Dear Ann')"]),
        ("I have a letter to write. Blur a.png", ["s1 blur_picture(image=a.png)"]),
        ("I have an image, a.png. Blur it", ["s1 blur_picture(image=a.png)"]),
        ("I have a report on Monday. Blur a.png", ["s1 blur_picture(image=a.png)"]),
        ("I have to send a letter. Blur a.png", ["s1 blur_picture(image=a.png)"]),
        ("We have a text problem. Read the words in a.png", ["s1 read_words(image=a.png)"]),
        ("I have a scanned letter. Read the words in it", ["s1 read_words(image=a.png)"]),
    ],
)
def test_what_is_there_or_not_needed_is_not_asked_for_though_the_person_has_it(
    text: str, plan: list[str]
) -> None:
    assert calls(PLANNER.plan(request(text, "a.png:image"))) == plan


@pytest.mark.parametrize("name", ["\u25a1 photo.png", "/photo.png", "?.png"])
def test_no_file_is_taken_for_one_that_is_missing(name: str) -> None:
    assert calls(PLANNER.plan(request("Blur the picture", f"{name}:image"))) == [
        f"s1 blur_picture(image={name})"
    ]


def test_a_plan_names_only_what_is_there() -> None:
    made = PLANNER.plan(request("Make a QR code that says hello"))
    assert made.resources == ()


def test_a_question_says_what_fits_and_how_to_answer() -> None:
    with pytest.raises(NeedsInput) as caught:
        PLANNER.plan(request("Translate the letter"))
    letter, language = caught.value.missing
    assert str(letter) == (
        "translate needs text for its 'text': say it in quotation marks, or append the path of a "
        "file to the command"
    )
    assert str(language) == (
        "translate needs a choice for its 'language' (the language to translate into): say one of "
        "french, spanish, brazilian portuguese"
    )
    assert language.examples == ("french", "spanish", "brazilian portuguese")
    assert caught.value.message.startswith("2 things are missing:\n  translate needs text")


def test_a_question_comes_with_the_plan_that_would_be_made() -> None:
    with pytest.raises(NeedsInput) as caught:
        PLAIN.plan(request("Blur the picture, then read the words in it"))
    draft = caught.value.draft
    assert draft is not None
    assert [step["tool"] for step in draft["steps"]] == ["blur_picture", "read_words"]
    assert is_open(draft["steps"][0]["inputs"]["image"][0]["resource"])


@pytest.mark.parametrize(
    ("text", "files"), [("make a picture of a dog", ()), ("Make a dance", ("song.mp3:audio",))]
)
def test_what_no_file_would_help_with_stays_a_proof(text: str, files: tuple[str, ...]) -> None:
    with pytest.raises(NoSolution, match="would connect these"):
        PLAIN.plan(request(text, *files))


def test_the_words_are_the_value_of_what_is_made_up_from_words() -> None:
    paint = card("paint", "prompt:text", "image:image", "Paint a picture from a prompt.")
    write = card("write_story", "idea:text", "story:text", "Write a story.")
    made = planner(ToolGraph([*CARDS, paint, write], TYPES))
    assert calls(made.plan(request("Paint a picture of the sea at night"))) == [
        "s1 paint(prompt='Paint a picture of the sea at night')"
    ]
    assert calls(made.plan(request("Write the story of a dog"))) == [
        "s1 write_story(idea='Write the story of a dog')"
    ]


def test_a_tool_that_may_be_used_is_asked_about_under_a_denied_one() -> None:
    from controlllm_planner.task import Constraints

    denied = Constraints(deny_tools=frozenset({"caption_picture"}))
    with pytest.raises(NeedsInput) as caught:
        PLAIN.plan(request("Describe the picture", constraints=denied))
    assert caught.value.missing[0].tool != "caption_picture"
