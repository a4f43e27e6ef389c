"""The tool that ends a wish."""

import numpy as np
import pytest
from worlds import CARDS, GRAPH, TYPES, card

from controlllm_planner.decompose.last_tool import LastTool, consumes, related, wanted_type
from controlllm_planner.matching.match import Match
from controlllm_planner.task import Ending
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.resources import ResourceType


def types(*names: str) -> list[ResourceType]:
    return [ResourceType(name) for name in names]


def match(graph: ToolGraph = GRAPH, **odds: float) -> Match:
    tools = np.zeros(len(graph.cards), dtype=np.float32)
    for name, each in odds.items():
        tools[graph.tool_number[name]] = each
    return Match(tools, 1.0 - sum(odds.values()))


LAST = LastTool(GRAPH)
IMAGE, TEXT, VIDEO, BOXES, MASK = types("image", "text", "video", "boxes", "image.mask")


def test_the_likeliest_tool_is_chosen() -> None:
    chosen = LAST.choose(match(blur_picture=0.6, caption_picture=0.3), [IMAGE], [IMAGE])
    assert chosen.name == "blur_picture"


def test_a_tool_that_nothing_leads_to_gives_way_to_one_that_can_be_called() -> None:
    # compose needs beats, which come of a video only
    odds = match(compose=0.7, speak=0.2)
    assert LAST.choose(odds, [TEXT], []).name == "speak"
    assert LAST.choose(odds, [VIDEO], []).name == "compose"


def test_a_tool_that_takes_what_is_pointed_at_is_preferred_among_near_ones() -> None:
    odds = match(speak=0.5, caption_picture=0.4)
    assert LAST.choose(odds, [IMAGE, TEXT], [IMAGE]).name == "caption_picture"
    assert LAST.choose(odds, [IMAGE, TEXT], [TEXT]).name == "speak"


def test_a_far_likelier_tool_is_chosen_although_a_chain_must_lead_to_it() -> None:
    assert LAST.choose(match(speak=0.9, caption_picture=0.05), [IMAGE], [IMAGE]).name == "speak"


def test_what_words_lead_to_at_once_is_preferred_among_near_ones() -> None:
    count = card("count_words", "text:text", "number:number", "Count the words of a text.")
    play = card("play", "number:number", "audio:audio", "Make a sound of a number.")
    graph = ToolGraph([*CARDS, count, play], TYPES)
    last = LastTool(graph)
    assert last.choose(match(graph, play=0.5, speak=0.4), [], []).name == "speak"
    assert last.choose(match(graph, play=0.8, speak=0.1), [], []).name == "play"


def test_a_tool_for_two_pictures_is_not_asked_for_where_there_is_one() -> None:
    find = card("find_in", "image:image part:image", "boxes:boxes", "Find a picture in another.")
    graph = ToolGraph([*CARDS, find], TYPES)
    odds, last = match(graph, find_in=0.7, caption_picture=0.2), LastTool(graph)
    assert last.choose(odds, [IMAGE, TEXT], [IMAGE]).name == "caption_picture"
    assert last.choose(odds, [IMAGE, TEXT, IMAGE], [IMAGE]).name == "find_in"


def test_of_equal_tools_the_first_by_name_is_chosen_whatever_the_order_of_the_catalogue() -> None:
    twins = [card(name, "image:image", "text:text") for name in ("b_twin", "a_twin")]
    for cards in (twins, twins[::-1]):
        graph = ToolGraph(cards, TYPES)
        odds = match(graph, a_twin=0.4, b_twin=0.4)
        assert LastTool(graph).choose(odds, [IMAGE], [IMAGE]).name == "a_twin"


def test_words_that_ask_for_what_needs_the_result_ask_for_both() -> None:
    odds = match(caption_picture=0.5, speak=0.4)
    chosen = LAST.choose(odds, [IMAGE], [IMAGE])
    then = LAST.besides(odds, chosen)
    assert chosen.name == "caption_picture"
    assert then is not None
    assert GRAPH.cards[then.likeliest].name == "speak"


def test_two_ways_of_doing_one_thing_are_no_two_wishes() -> None:
    odds = match(caption_picture=0.5, read_words=0.4)
    assert LAST.besides(odds, LAST.choose(odds, [IMAGE], [IMAGE])) is None


def test_a_faint_second_tool_is_no_second_wish() -> None:
    odds = match(caption_picture=0.7, speak=0.2)
    assert LAST.besides(odds, LAST.choose(odds, [IMAGE], [IMAGE])) is None


def test_the_endings_are_the_chosen_tool_and_near_ones_that_make_the_same() -> None:
    odds = match(caption_picture=0.5, read_words=0.4, blur_picture=0.45, speak=0.01)
    first, second = LAST.endings(odds, TEXT, GRAPH.card("caption_picture"))
    assert first == Ending("caption_picture", 1.0, probability=0.5)
    assert second.tool == "read_words"
    assert second.fit == pytest.approx(0.8, abs=1e-3)


def test_a_tool_that_fits_far_worse_is_no_ending() -> None:
    odds = match(caption_picture=0.9, read_words=0.01)
    assert [e.tool for e in LAST.endings(odds, TEXT, GRAPH.card("caption_picture"))] == [
        "caption_picture"
    ]


def test_any_tool_may_end_when_the_chosen_one_does_not_make_what_is_wanted() -> None:
    assert LAST.endings(match(blur_picture=0.9), TEXT, GRAPH.card("blur_picture")) == ()


def test_the_fit_of_an_ending_is_never_over_one() -> None:
    odds = match(read_words=0.1, caption_picture=0.8)
    fits = [ending.fit for ending in LAST.endings(odds, TEXT, GRAPH.card("read_words"))]
    assert max(fits) <= 1.0


def test_what_can_be_made_is_what_some_chain_leads_to() -> None:
    assert LAST.can_make(ResourceType("dance"), [VIDEO])
    assert not LAST.can_make(ResourceType("dance"), [IMAGE])
    assert not LAST.can_make(ResourceType("smell"), [VIDEO])


def test_the_wanted_type_is_the_output_that_the_wish_names_else_the_main_one() -> None:
    measure = GRAPH.card("measure_video")
    assert wanted_type(measure, []) == "number.seconds"
    assert wanted_type(measure, types("beats")) == "beats"
    assert wanted_type(measure, types("image")) == "number.seconds"
    assert wanted_type(card("ring", "", ""), []) is None


def test_types_are_related_along_refinements_only() -> None:
    assert related(IMAGE, MASK)
    assert related(MASK, IMAGE)
    assert not related(MASK, *types("image.drawing"))


def test_a_tool_consumes_what_any_of_its_ports_takes() -> None:
    draw = next(each for each in CARDS if each.name == "draw_boxes")
    assert consumes(draw, [BOXES])
    assert consumes(draw, [TEXT, MASK])
    assert not consumes(draw, [TEXT])
    assert not consumes(draw, [])


def test_what_a_thing_is_made_from_is_neither_the_thing_nor_passed_by() -> None:
    # "a new picture from the boxes"
    odds = match(detect_objects=0.5, draw_boxes=0.3, collage=0.2)
    seen = LAST.weighed(odds, [BOXES], of_parts=False)
    assert GRAPH.cards[seen.likeliest].name == "draw_boxes"
    assert GRAPH.cards[LAST.weighed(odds, [], of_parts=False).likeliest].name == "detect_objects"


def test_one_thing_of_several_is_rather_sought_where_some_can_be_kept_by_a_label() -> None:
    odds = match(segment_picture=0.4, detect_objects=0.35)
    assert GRAPH.cards[LAST.weighed(odds, [], of_parts=True).likeliest].name == "detect_objects"
    far = match(segment_picture=0.6, detect_objects=0.2)
    assert GRAPH.cards[LAST.weighed(far, [], of_parts=True).likeliest].name == "segment_picture"
    sure = LAST.weighed(match(detect_objects=0.9), [], of_parts=True)
    assert sure.best <= 1.0


def test_one_thing_of_several_is_made_by_a_tool_that_takes_them_together() -> None:
    odds = match(blur_picture=0.6, collage=0.2)
    together = LAST.weighed(odds, [], of_parts=False, of_several=[IMAGE])
    assert GRAPH.cards[together.likeliest].name == "collage"
    sure = LAST.weighed(
        match(blur_picture=0.95, collage=0.01), [], of_parts=False, of_several=[IMAGE]
    )
    assert GRAPH.cards[sure.likeliest].name == "blur_picture"


def test_a_tool_with_room_for_all_kinds_of_files_that_are_named_is_preferred() -> None:
    erase = card("erase", "image:image mask:image.mask", "image:image", "Erase what a mask covers.")
    graph = ToolGraph([*CARDS, erase], TYPES)
    last, odds = LastTool(graph), match(graph, blur_picture=0.8, erase=0.15)

    def best(*kinds: ResourceType) -> str:
        weighed = last.weighed(odds, [], of_parts=False, of_kinds=kinds)
        return graph.cards[weighed.likeliest].name

    assert (best(IMAGE, MASK), best(MASK, IMAGE)) == ("erase", "erase")
    assert (best(IMAGE), best(), best(IMAGE, VIDEO)) == ("blur_picture",) * 3
    collage = last.weighed(match(graph, collage=0.5), [], of_parts=False, of_kinds=[IMAGE, MASK])
    assert collage.best == 0.5


def test_what_is_found_is_worked_on_by_the_tool_of_that_verb_for_it() -> None:
    blur = card("blur_boxes", "image:image boxes:boxes", "image:image", "Blur boxes in a picture.")
    graph = ToolGraph([*CARDS, blur], TYPES)
    last, odds = LastTool(graph), match(graph, blur_picture=0.9, blur_boxes=0.03)
    there = [IMAGE, BOXES]
    assert last.choose(odds, there, [BOXES], "blur").name == "blur_boxes"
    assert last.choose(odds, there, [IMAGE], "blur").name == "blur_picture"
    assert last.choose(odds, there, [BOXES], "draw").name == "blur_picture"
    far = match(graph, blur_picture=0.9, draw_boxes=0.09)
    assert last.choose(far, there, [BOXES], "blur").name == "blur_picture"


def test_a_tool_for_a_film_that_is_not_there_gives_way_to_one_that_needs_none() -> None:
    voice = card("voice_over", "video:video text:text", "video:video", "Speak over a film.")
    film = card("film", "text:text", "video:video", "Make a film of a text.")
    graph = ToolGraph([*CARDS, voice, film], TYPES)
    last, odds = LastTool(graph), match(graph, voice_over=0.6, speak=0.35)
    assert last.choose(odds, [TEXT], [TEXT]).name == "speak"
    assert last.choose(odds, [TEXT, VIDEO], [TEXT]).name == "voice_over"
    # a mask is made on the way, and nobody hands one over
    erase = card("erase", "image:image mask:image.mask", "image:image", "Erase a part.")
    graph = ToolGraph([*CARDS, erase], TYPES)
    odds = match(graph, erase=0.6, blur_picture=0.35)
    assert LastTool(graph).choose(odds, [IMAGE], [IMAGE]).name == "erase"
