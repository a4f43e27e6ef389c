"""The typed tool graph."""

from worlds import CARDS, GRAPH, TYPES, card

from controlllm_planner.graph_arrays import reachable
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.resources import ResourceType


def names(cards: tuple) -> list[str]:
    return [each.name for each in cards]


def test_a_type_is_produced_by_tools_of_its_refinements() -> None:
    assert names(GRAPH.producers(ResourceType("audio"))) == ["compose", "sound_track", "speak"]
    assert names(GRAPH.producers(ResourceType("audio.music"))) == ["compose"]


def test_a_type_is_consumed_by_ports_of_its_family_and_by_optional_ports() -> None:
    assert names(GRAPH.consumers(ResourceType("number.seconds"))) == ["blur_picture", "compose"]
    assert "draw_boxes" in names(GRAPH.consumers(ResourceType("image.mask")))


def test_an_unknown_type_has_no_producers() -> None:
    assert GRAPH.producers(ResourceType("smell")) == ()


def test_a_type_may_be_called_by_its_last_word_but_its_own_name_comes_first() -> None:
    assert GRAPH.type_called("mask") == "image.mask"
    facts = card("look", "picture:image", "facts:facts.image")
    told = ToolGraph((*CARDS, facts), TYPES)
    assert told.type_called("image") == "image"
    assert told.type_called("smell") == "smell"


def test_the_order_of_cards_changes_no_number() -> None:
    turned = ToolGraph(reversed(CARDS), TYPES)
    assert turned.tool_number == GRAPH.tool_number
    assert turned.type_names == GRAPH.type_names


def test_distances_count_refinements() -> None:
    number = GRAPH.type_number
    assert GRAPH.distances[number["image"]] == {number["image"]: 0, number["image.mask"]: 1}
    assert GRAPH.distances[number["image.mask"]] == {number["image.mask"]: 0}


def test_parents_of_dotted_types_exist_without_being_declared() -> None:
    graph = ToolGraph([card("make", "", "thing:a.b.c")])
    assert graph.type_names == ("a", "a.b", "a.b.c")


def test_the_graph_without_a_tool_keeps_its_types() -> None:
    fewer = GRAPH.without(frozenset({"speak"}))
    assert "speak" not in fewer.tool_number
    assert fewer.type_names == GRAPH.type_names


def test_the_networkx_view_links_types_and_tools_both_ways() -> None:
    drawn = GRAPH.networkx()
    assert drawn.edges["type:image", "tool:draw_boxes"]["kind"] == "takes"
    assert drawn.edges["tool:draw_boxes", "type:image"]["kind"] == "makes"
    assert drawn.edges["type:number", "tool:blur_picture"]["kind"] == "may take"
    assert drawn.edges["type:image.mask", "type:image"]["kind"] == "is a"


def test_reachable_is_the_closure_of_what_is_given() -> None:
    audio = GRAPH.type_number[ResourceType("audio.music")]
    callable_, made = reachable(GRAPH, [audio])
    assert not callable_.any(), "choreograph lacks beats, dub lacks a video"
    assert made == frozenset()
    video = GRAPH.type_number[ResourceType("video")]
    callable_, made = reachable(GRAPH, [video])
    able = {each.name for each, ok in zip(GRAPH.cards, callable_, strict=True) if ok}
    assert {"measure_video", "compose", "dub", "choreograph"} <= able
    assert "dance" in {GRAPH.type_names[each] for each in made}
