"""The proof that there is no route, and the smallest missing capability."""

import pytest
from worlds import GRAPH, TYPES, card

from controlllm_planner.errors import Closed, MissingCapability
from controlllm_planner.graph_arrays import _reachable
from controlllm_planner.search.infeasible import _MOST_TRIED, closed_routes, prove_no_route
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.resources import ResourceType


def types(*names: str) -> list[ResourceType]:
    return [ResourceType(name) for name in names]


def test_there_is_no_proof_when_there_is_a_route() -> None:
    assert prove_no_route(GRAPH, types("video"), types("dance")) is None


def test_the_missing_capability_is_the_input_that_nobody_makes() -> None:
    graph = ToolGraph([card("choreograph", "audio:audio beats:beats", "dance:dance")], TYPES)
    proof = prove_no_route(graph, types("audio"), types("dance"))
    assert proof is not None
    assert proof.reachable == ("audio",)
    assert proof.missing == (MissingCapability(inputs=("audio",), output="beats"),)
    assert str(proof.missing[0]) == "a tool from audio to beats"


def test_a_type_one_level_down_is_better_advice_than_the_wanted_type_itself() -> None:
    proof = prove_no_route(GRAPH, types("beats"), types("boxes"))
    assert proof is not None
    assert [m.output for m in proof.missing] == ["image"]


def test_a_wanted_type_that_no_tool_makes_is_itself_what_is_missing() -> None:
    graph = ToolGraph([card("speak", "text:text", "audio:audio")], TYPES)
    proof = prove_no_route(graph, types("text"), types("video"))
    assert proof is not None
    assert [m.output for m in proof.missing] == ["video"]


def test_two_missing_inputs_are_both_named_when_nothing_smaller_helps() -> None:
    graph = ToolGraph([card("mix", "a:beats b:audio", "out:dance")], TYPES)
    proof = prove_no_route(graph, types("text"), types("dance"))
    assert proof is not None
    # one tool straight to dance is fewer than one for each input
    assert [m.output for m in proof.missing] == ["dance"]


def test_tools_that_only_need_each_other_prove_nothing() -> None:
    graph = ToolGraph(
        [card("a", "in:audio", "out:beats"), card("b", "in:beats", "out:audio")], TYPES
    )
    proof = prove_no_route(graph, types("text"), types("audio"))
    assert proof is not None
    assert [m.output for m in proof.missing] == ["beats"]


@pytest.mark.parametrize("given", [(), ("smell",), ("smell", "video")])
def test_types_that_the_catalogue_does_not_know_are_no_help_and_no_harm(
    given: tuple[str, ...],
) -> None:
    proof = prove_no_route(GRAPH, types(*given), types("dance"))
    assert (proof is None) == ("video" in given)


def test_the_missing_capability_names_the_tools_that_would_go_on_from_there() -> None:
    graph = ToolGraph(
        [card("drum", "beats:beats", "audio:audio"), card("film", "audio:audio", "video:video")],
        TYPES,
    )
    proof = prove_no_route(graph, types("text"), types("video"))
    assert proof is not None
    assert [(m.output, m.then) for m in proof.missing] == [("audio", ("film",))]


def test_of_equally_small_gaps_what_most_tools_make_is_asked_for() -> None:
    cards = [
        card("from_beats", "beats:beats", "dance:dance"),
        card("from_words", "text:text", "dance:dance"),
        card("beat", "audio:audio", "beats:beats"),
        card("write", "audio:audio", "text:text"),
        card("note", "audio:audio", "text:text"),
    ]
    proof = prove_no_route(ToolGraph(cards, TYPES), types("image"), types("dance"))
    assert proof is not None
    assert [(m.output, m.then) for m in proof.missing] == [("text", ("from_words",))]


def test_a_tool_that_may_not_be_used_and_would_open_a_route_is_named_with_its_reason() -> None:
    closed = closed_routes(
        GRAPH,
        types("video"),
        types("audio.music"),
        {"compose": "needs sox", "speak": "the request denies it"},
    )
    assert closed == (Closed("compose", "needs sox"),)
    assert str(closed[0]) == "compose would open one, but may not be used: needs sox"


def test_tools_that_open_a_route_only_together_are_not_named_alone() -> None:
    refused = {"compose": "needs sox", "measure_video": "needs ffmpeg"}
    assert closed_routes(GRAPH, types("video"), types("audio.music"), refused) == ()


def test_no_tool_is_named_where_even_all_tools_lead_nowhere() -> None:
    assert closed_routes(GRAPH, types("dance"), types("image"), {"compose": "needs sox"}) == ()


def test_no_tool_is_named_where_a_route_is_open_without_it() -> None:
    assert closed_routes(GRAPH, types("video"), types("audio.music"), {"speak": "denied"}) == ()


def test_a_closed_tool_is_found_before_other_tools_and_after_them() -> None:
    chain = ToolGraph([card(f"t{n}", f"in:a{n}", f"out:a{n + 1}") for n in range(5)])
    for refused in ("t0", "t2", "t4"):
        closed = closed_routes(chain, types("a0"), types("a5"), {refused: "denied"})
        assert [each.tool for each in closed] == [refused]


def test_types_that_only_a_closed_tool_knows_lead_on_from_it() -> None:
    fetch = card("fetch", "url:url", "page:text.page", "Fetch a page.")
    graph = ToolGraph([fetch, card("speak", "text:text", "speech:audio")], {})
    closed = closed_routes(graph, types("url"), types("audio"), {"fetch": "denied"})
    assert closed == (Closed("fetch", "denied"),)


def test_closed_tools_cost_few_closures_however_many_there_are() -> None:
    far = [card(f"far{n}", "in:nowhere", f"out:b{n}") for n in range(300)]
    near = [card(f"near{n}", "in:a", f"out:c{n}") for n in range(300)]
    alike = [card(f"alike{n}", "in:a", "out:b") for n in range(300)]
    graph = ToolGraph([*far, *near, *alike])
    before = _reachable.cache_info().misses
    closed = closed_routes(graph, types("a"), types("b"), dict.fromkeys(graph.tool_number, "no"))
    assert closed == tuple(Closed(name, "no") for name in ("alike0", "alike1", "alike10"))
    assert _reachable.cache_info().misses - before <= 2 + _MOST_TRIED
