"""Languages and formats that the words name and a tool does not offer."""

from __future__ import annotations

import pytest

from controlllm_planner.arguments.not_offered import not_offered
from controlllm_planner.task import Clause, FromAttachment, Given, Task, TaskId
from controlllm_tools.card import Port, ToolCard
from controlllm_tools.resources import ResourceType


def told(text: str, *ports: Port) -> list[tuple[str, str]]:
    card = ToolCard(name="tool", version="1", summary="Do it.", inputs=ports, outputs=())
    file = Given(type=ResourceType("text"), origin=FromAttachment("in polish.txt"))
    clause = Clause(text=text, asks=True)
    task = Task(id=TaskId("t1"), goal=text, given=(file,), wants=(), clauses=(clause,))
    return [(port.name, word) for port, word in not_offered(card, task)]


def option(name: str, *choices: str) -> Port:
    return Port(name=name, type="option", optional=True, choices=choices)


LANGUAGE = option("language", "english", "spanish")
FORMAT = option("format", "jpeg", "png")


@pytest.mark.parametrize(
    ("text", "port", "word"),
    [
        ("translate it into Japanese", LANGUAGE, "Japanese"),
        ("read it aloud in german", option("language", "english-us", "french"), "german"),
        ("save it as a heic", FORMAT, "heic"),
        ("convert it to .TIFF", FORMAT, "TIFF"),
    ],
)
def test_a_value_of_the_kind_that_a_tool_does_not_offer_is_found(
    text: str, port: Port, word: str
) -> None:
    assert told(text, port) == [(port.name, word)]


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("translate it into Spanish", LANGUAGE),
        ("translate what is written in Japanese into English", LANGUAGE),
        ("translate the Japanese letter", LANGUAGE),
        ("translate in polish.txt", LANGUAGE),
        ("translate it into plain words", LANGUAGE),
        ("translate it. The text is in Japanese", LANGUAGE),
        ("translate this text written in Chinese", LANGUAGE),
        ("convert it, it is saved as psd", FORMAT),
        ("read it in English", option("language", "english-us", "french")),
        ("add subtitles in Japanese", option("language", "unknown", "english")),
        ("translate it into Japanese", option("from_language", "english", "spanish")),
        ("save it as a png", FORMAT),
        ("make it brighter in tiff style", option("light", "brighter", "darker")),
    ],
)
def test_what_a_tool_offers_or_can_do_without_is_not(text: str, port: Port) -> None:
    assert told(text, port) == []
