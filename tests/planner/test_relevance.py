"""Lexical relevance."""

import numpy as np
import pytest
from worlds import CARDS, GRAPH, TYPES, card

from controlllm_planner.relevance import LexicalRelevance, stem, terms_of
from controlllm_planner.tool_graph import ToolGraph

RELEVANCE = LexicalRelevance(GRAPH)


def best(text: str, relevance: LexicalRelevance = RELEVANCE, graph: ToolGraph = GRAPH) -> str:
    return graph.cards[int(relevance.scores(text).argmax())].name


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("please blur this photo", "blur_picture"),
        ("could you detect all objects here", "detect_objects"),
        ("summarising the report", "summarise"),
        ("compose some background music", "compose"),
        ("dubbing", "dub"),
    ],
)
def test_the_tool_that_people_mean_scores_highest(text: str, tool: str) -> None:
    assert best(text) == tool


def test_scores_are_between_zero_and_one_and_the_best_is_one() -> None:
    scores = RELEVANCE.scores("highlight the boxes on the picture")
    assert scores.max() == 1.0
    assert scores.min() >= 0.0


@pytest.mark.parametrize("text", ["", "   ", "🎉🎉", "xyzzy plugh", "the of and"])
def test_a_text_that_fits_nothing_scores_zero_everywhere(text: str) -> None:
    assert not RELEVANCE.scores(text).any()
    assert RELEVANCE.strength(text) == 0.0


def test_a_rare_word_is_stronger_evidence_than_a_common_one() -> None:
    assert RELEVANCE.strength("blur") > RELEVANCE.strength("picture")


def test_examples_teach_words_that_the_summary_does_not_have() -> None:
    taught = card("loud", "audio:audio", "audio:audio", examples=["crank up the volume"])
    graph = ToolGraph([*CARDS, taught], TYPES)
    assert best("crank it up", LexicalRelevance(graph), graph) == "loud"


def test_the_order_of_cards_and_words_changes_nothing() -> None:
    turned = LexicalRelevance(ToolGraph(reversed(CARDS), TYPES))
    one = RELEVANCE.scores("draw boxes on the picture")
    other = turned.scores("picture the on boxes draw")
    assert np.array_equal(one, other)


def test_names_in_code_style_give_their_words() -> None:
    assert terms_of("object_detection ObjectDetection") == ["object", "detect", "object", "detect"]


def test_stems_join_forms_of_a_word() -> None:
    assert {stem(word) for word in ("detect", "detects", "detecting", "detection")} == {"detect"}


def test_a_huge_text_is_bounded() -> None:
    assert len(terms_of("word " * 100_000)) <= 4_000


def test_an_empty_catalogue_scores_nothing() -> None:
    assert LexicalRelevance(ToolGraph([])).scores("anything").shape == (0,)
