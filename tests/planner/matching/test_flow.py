"""What comes after what, by types and links."""

import numpy as np
from worlds import TYPES, card

from controlllm_planner.matching.flow import Flow
from controlllm_planner.matching.match import Match
from controlllm_planner.tool_graph import ToolGraph

MADE_UP = ToolGraph(
    [
        card("text_to_speech", "text:text", "audio:audio", "Read a text aloud as speech."),
        card("image_captioning", "image:image", "text:text", "Say in words what a picture shows."),
        card("translation", "text:text", "text:text", "Translate a text to another language."),
        card("mood_analysis", "text:text", "number:number", "Sentiment: good or bad mood."),
    ],
    TYPES,
)


def certain(graph: ToolGraph, tool: str) -> Match:
    odds = np.zeros(len(graph.cards), dtype=np.float32)
    odds[graph.tool_number[tool]] = 1.0
    return Match(odds, 0.0)


def test_a_tool_that_takes_what_the_clause_before_makes_gains() -> None:
    before = [certain(MADE_UP, "image_captioning"), certain(MADE_UP, "translation")]
    only_taking = np.array([1.0, 0.0, 0.0], dtype=np.float32)
    nothing = np.zeros(len(MADE_UP.cards), dtype=np.float32)
    first, second = Flow(MADE_UP).along(before, nothing, only_taking)
    assert not first.any()
    gaining = {card.name for card, gain in zip(MADE_UP.cards, second, strict=True) if gain > 0}
    assert gaining == {"text_to_speech", "translation", "mood_analysis"}


def test_what_was_made_is_remembered_over_a_clause_that_asks_for_nothing() -> None:
    silent = Match(np.zeros(len(MADE_UP.cards), dtype=np.float32), 1.0)
    before = [certain(MADE_UP, "image_captioning"), silent, silent]
    nothing = np.zeros(len(MADE_UP.cards), dtype=np.float32)
    weights = np.array([1.0, 0.0, 0.0], dtype=np.float32)
    _, second, third = Flow(MADE_UP).along(before, nothing, weights)
    assert second.any()
    assert np.array_equal(second, third)
