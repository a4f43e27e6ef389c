"""How the words of a clause meet the words and types of the tools."""

import numpy as np
import pytest
from worlds import CARDS, GRAPH, TYPES, card

from controlllm_planner.matching.features import (
    CLAUSE_FEATURES,
    TOOL_FEATURES,
    AtHand,
    CatalogueFeatures,
    ClauseWords,
    type_tables,
)
from controlllm_planner.matching.word_vectors import WordVectors, shipped_vectors
from controlllm_planner.relevance import LexicalRelevance
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.resources import ResourceType

(
    LEXICAL, SHARE, NAME, TEXT, SAID, TAKES, MAKES, DELIVERS, ASKS_FOR, LEADS,
    TELLS, SHOWS, ANSWERS, TALKS,
) = range(TOOL_FEATURES)  # fmt: skip
IMAGE, MASK, BOXES = (ResourceType(name) for name in ("image", "image.mask", "boxes"))


def features(graph: ToolGraph = GRAPH, vectors: WordVectors | None = None) -> CatalogueFeatures:
    return CatalogueFeatures(graph, LexicalRelevance(graph), vectors)


WORDS = features(vectors=shipped_vectors())


def value(clause: ClauseWords, tool: str, column: int) -> float:
    return float(WORDS.of(clause).tools[GRAPH.tool_number[tool], column])


def test_every_tool_and_the_clause_itself_get_their_figures() -> None:
    seen = WORDS.of(ClauseWords(text="blur the photo", types=(IMAGE,)))
    assert seen.tools.shape == (len(CARDS), TOOL_FEATURES)
    assert seen.clause.shape == (CLAUSE_FEATURES,)
    assert np.isfinite(seen.tools).all()


def test_the_tool_whose_name_is_said_stands_out_in_words_and_meaning() -> None:
    seen = WORDS.of(ClauseWords(text="blur the photo")).tools
    for column in (LEXICAL, SHARE, NAME, TEXT, SAID):
        assert GRAPH.cards[int(seen[:, column].argmax())].name == "blur_picture"


def test_a_type_that_is_spoken_of_points_to_tools_that_take_or_make_it() -> None:
    clause = ClauseWords(text="", types=(BOXES,))
    assert value(clause, "draw_boxes", TAKES) == 1
    assert value(clause, "detect_objects", MAKES) == 1
    assert value(clause, "speak", TAKES) == value(clause, "speak", MAKES) == 0


def test_a_refinement_is_taken_where_its_family_is_but_delivered_only_by_its_own_tools() -> None:
    clause = ClauseWords(text="", types=(MASK,), new=(MASK,))
    assert value(clause, "blur_picture", TAKES) == 1
    assert value(clause, "segment_picture", DELIVERS) == 1
    assert value(clause, "blur_picture", DELIVERS) == 0


def test_what_a_clause_starts_from_is_not_what_it_wants_made() -> None:
    clause = ClauseWords(text="based on the boxes", types=(BOXES,), sources=(BOXES,))
    assert value(clause, "draw_boxes", ASKS_FOR) == 1
    assert value(clause, "detect_objects", ASKS_FOR) == 0
    assert value(clause, "detect_objects", DELIVERS) == 0


def test_a_tool_that_leads_from_the_source_to_the_new_thing_is_marked_as_such() -> None:
    clause = ClauseWords(text="", new=(IMAGE,), sources=(BOXES,))
    marked = WORDS.of(clause).tools[:, LEADS]
    assert {card.name for card, one in zip(GRAPH.cards, marked, strict=True) if one} == {
        "draw_boxes"
    }


@pytest.mark.parametrize("flag", ["points", "asks", "hands_over"])
def test_what_is_known_of_a_clause_shows_in_its_figures(flag: str) -> None:
    said = WORDS.of(ClauseWords(text="a photo", **{flag: True})).clause
    assert not np.array_equal(said, WORDS.of(ClauseWords(text="a photo")).clause)


def test_without_vectors_the_figures_of_meaning_are_zero_and_the_others_stay() -> None:
    clause = ClauseWords(text="blur the photo", types=(IMAGE,))
    plain, full = features().of(clause).tools, WORDS.of(clause).tools
    assert not plain[:, [NAME, TEXT, SAID]].any()
    kept = [LEXICAL, SHARE, TAKES, MAKES]
    assert np.array_equal(plain[:, kept], full[:, kept])


@pytest.mark.parametrize("text", ["", "🎉", "the of and", "xyzzy"])
def test_words_that_fit_nothing_give_figures_all_the_same(text: str) -> None:
    assert np.isfinite(WORDS.of(ClauseWords(text=text)).tools).all()


def test_a_tool_with_a_name_that_no_vector_knows_is_no_error() -> None:
    graph = ToolGraph([card("qx_é", "", "", "写真。")], TYPES)
    seen = features(graph, shipped_vectors()).of(ClauseWords(text="blur the photo"))
    assert np.isfinite(seen.tools).all()


def test_types_reach_ports_that_accept_them_and_outputs_that_are_akin() -> None:
    takes, makes = type_tables(GRAPH)
    tool, kind = GRAPH.tool_number, GRAPH.type_number
    assert takes[tool["blur_picture"], kind[MASK]] == 1
    assert makes[tool["segment_picture"], kind[IMAGE]] == 1
    assert takes[tool["speak"], kind[IMAGE]] == 0


def test_a_tool_fits_what_is_at_hand_by_its_ports_and_by_what_they_leave_over() -> None:
    filled, used = AtHand(GRAPH).of([IMAGE, BOXES])
    draw, blur = GRAPH.tool_number["draw_boxes"], GRAPH.tool_number["blur_picture"]
    assert (filled[draw], used[draw]) == (1.0, 1.0)
    assert (filled[blur], used[blur]) == (0.5, 0.5)


@pytest.mark.parametrize("given", [[], [ResourceType("smell")]])
def test_nothing_known_at_hand_fills_nothing(given: list[ResourceType]) -> None:
    filled, used = AtHand(GRAPH).of(given)
    assert not filled.any()
    assert not used.any()


def test_what_wants_an_answer_points_to_tools_that_tell_and_away_from_those_that_show() -> None:
    clause = ClauseWords(text="check if there is a dog", asks=True)
    assert (value(clause, "read_words", TELLS), value(clause, "read_words", SHOWS)) == (1, 0)
    assert (value(clause, "blur_picture", TELLS), value(clause, "blur_picture", SHOWS)) == (0, 1)
    wish = ClauseWords(text="blur it")
    assert value(wish, "read_words", TELLS) == value(wish, "blur_picture", SHOWS) == 0


def test_words_that_no_card_has_point_to_a_tool_that_takes_any_words() -> None:
    chat = card("talk", "words:text", "answer:text", "Chat about anything.")
    seen = features(ToolGraph([*CARDS, chat], TYPES), shipped_vectors())
    said = seen.of(ClauseWords(text="explain gender equality", asks=True)).tools[:, TALKS]
    assert said.argmax() == len(CARDS)
    assert said[:-1].max() == 0 < said[-1]
    known = seen.of(ClauseWords(text="blur picture", types=(IMAGE,))).tools
    assert known[-1, TALKS] == 0
    # a summary takes words, too, but only a text to work on
    assert value(ClauseWords(text="explain it", asks=True), "summarise", ANSWERS) == 0
