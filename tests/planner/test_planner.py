"""Whole plans."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import CARDS, GRAPH, TYPES, calls, card, planner, request

from controlllm_planner.errors import (
    CannotDecompose,
    InvalidRequest,
    NoSolution,
    OverBudget,
    PlanningError,
    ToolRefused,
)
from controlllm_planner.plan import FromStep, Plan, StepId
from controlllm_planner.task import Budget, Constraints
from controlllm_planner.tool_graph import ToolGraph

PLANNER = planner()


def plan(text: str, *attachments: str, **constraints: object) -> Plan:
    limits = Constraints(**constraints)  # type: ignore[arg-type]
    return PLANNER.plan(request(text, *attachments, constraints=limits))


def test_connecting_tools_are_found_by_types() -> None:
    made = plan("Dub clip.mp4 with a suitable background music", "clip.mp4:video")
    assert calls(made) == [
        "s1 measure_video(video=clip.mp4)",
        "s2 compose(mood=s1.mood, seconds=s1.seconds)",
        "s3 dub(video=clip.mp4, audio=s2.music)",
    ]


def test_a_later_task_starts_from_the_result_of_an_earlier_one() -> None:
    made = plan("Blur photo.png, then read the words in it and summarise them", "photo.png:image")
    assert calls(made) == [
        "s1 blur_picture(image=photo.png)",
        "s2 read_words(image=s1.image)",
        "s3 summarise(text=s2.text)",
    ]
    assert [f"{o.step}.{o.output}" for o in made.outputs] == ["s1.image", "s2.text", "s3.summary"]


def test_equal_work_is_done_once() -> None:
    made = plan(
        "Read the words in photo.png. Read the words in photo.png and summarise them.",
        "photo.png:image",
    )
    assert [step.tool for step in made.steps] == ["read_words", "summarise"]


def test_files_are_worked_on_in_parallel() -> None:
    made = plan("Read the words in these pictures", "a.png:image", "b.png:image")
    assert calls(made) == ["s1 read_words(image=a.png)", "s2 read_words(image=b.png)"]
    assert all(step.after == () for step in made.steps)


def test_a_number_goes_to_the_parameter_it_speaks_of() -> None:
    made = plan("Blur photo.png with strength 7", "photo.png:image")
    assert calls(made) == ["s1 blur_picture(image=photo.png, strength=7)"]


def test_alternatives_use_other_tools_and_fit_where_the_first_way_fits() -> None:
    quick = card("caption_photo", "image:image", "text:text", "Describe a picture in words.")
    graph = ToolGraph([*CARDS, quick], TYPES)
    asked = request("Describe photo.png and make a title for the text", "photo.png:image")
    made = planner(graph).plan(asked)
    first, title = (step.tool for step in made.steps)
    assert title == "make_title"
    ways = [[first], *([s.tool for s in other.steps] for other in made.alternatives)]
    assert sorted(ways) == [["caption_photo"], ["caption_picture"]]
    old, new = FromStep(StepId("s1"), "text"), FromStep(StepId("t1-1-1"), "text")
    assert made.alternatives[0].replaces == ((old, new),)


def test_every_tool_of_the_plan_and_the_relevant_others_have_a_decision() -> None:
    made = plan("Describe photo.png", "photo.png:image")
    verdicts = {each.candidate: each.verdict for each in made.decisions}
    assert verdicts["caption_picture"] == "kept"
    assert set(verdicts.values()) <= {"kept", "dominated", "pruned_by_type"}
    assert all(each.reason for each in made.decisions)


def test_a_tool_that_cannot_run_here_is_never_planned_and_the_reason_is_told() -> None:
    here = replace(PLANNER, unavailable={"caption_picture": "no weights"})
    made = here.plan(request("Describe photo.png", "photo.png:image"))
    assert [step.tool for step in made.steps] == ["read_words"]
    decision = next(d for d in made.decisions if d.candidate == "caption_picture")
    assert (decision.verdict, decision.reason) == ("pruned_by_availability", "no weights")


def test_a_denied_tool_is_not_used() -> None:
    made = plan("Describe photo.png", "photo.png:image", deny_tools=frozenset({"caption_picture"}))
    assert [step.tool for step in made.steps] == ["read_words"]


def test_a_tool_with_effects_needs_the_leave_of_the_request() -> None:
    fetch = card("upload", "image:image", "text:text", "Describe a picture.", effects="network")
    online = planner(ToolGraph([fetch], TYPES))
    with pytest.raises(ToolRefused, match=r"effects \(network\), which .* --allow network"):
        online.plan(request("describe photo.png", "photo.png:image"))
    allowed = Constraints(allow_effects=frozenset({"network"}))
    made = online.plan(request("describe photo.png", "photo.png:image", constraints=allowed))
    assert [step.tool for step in made.steps] == ["upload"]


def test_a_licence_limit_prunes_tools_of_other_licences() -> None:
    free = card("caption_free", "image:image", "text:text", "Describe a picture.", licence="MIT")
    graph = ToolGraph([*CARDS, free], TYPES)
    limits = Constraints(licences=frozenset({"MIT"}))
    made = planner(graph).plan(request("describe photo.png", "photo.png:image", constraints=limits))
    assert [step.tool for step in made.steps] == ["caption_free"]


def test_no_route_names_the_missing_capability() -> None:
    with pytest.raises(NoSolution) as caught:
        plan("Make a dance", "song.mp3:audio")
    assert [str(each) for each in caught.value.missing] == ["a tool from audio or text to beats"]
    assert "audio" in caught.value.reachable


def test_a_plan_over_budget_is_refused_before_anything_runs() -> None:
    with pytest.raises(OverBudget, match=r"budget is 0\.5 s"):
        plan("Describe photo.png", "photo.png:image", budget=Budget(wall_s=0.5))


@pytest.mark.parametrize(
    ("text", "attachments", "words"),
    [
        ("", (), "empty"),
        ("   \n", (), "empty"),
        ("x" * 100_000, (), "100000 characters"),
        ("blur it", ("a.png:image", "a.png:image"), "two attachments are named 'a.png'"),
        ("blur it", tuple(f"{n}.png:image" for n in range(1_001)), "1001 attachments"),
    ],
)
def test_a_request_that_cannot_be_is_refused_with_the_way_out(
    text: str, attachments: tuple[str, ...], words: str
) -> None:
    with pytest.raises(InvalidRequest, match=words):
        plan(text, *attachments)


def test_an_unknown_tool_in_a_constraint_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="no tool is named 'frobnicate'"):
        plan("blur a.png", "a.png:image", deny_tools=frozenset({"frobnicate"}))


@pytest.mark.parametrize("text", ["🎉🎉🎉", "?!", "12345", "と言った"])
def test_a_request_without_any_known_word_says_what_was_not_understood(text: str) -> None:
    with pytest.raises(CannotDecompose):
        plan(text, "a.png:image")


def test_equal_requests_get_equal_plans_whatever_the_order_of_the_catalogue() -> None:
    turned = planner(ToolGraph(reversed(CARDS), TYPES))
    asked = request("Blur photo.png, describe it and speak the text", "photo.png:image")
    assert turned.plan(asked).digest == PLANNER.plan(asked).digest


def test_a_catalogue_without_types_is_planned_by_words_and_order() -> None:
    graph = ToolGraph([card("set_alarm", "", ""), card("change_alarm", "", "")])
    made = planner(graph).plan(request("Set an alarm and then change the alarm"))
    assert [(s.id, s.tool, s.after) for s in made.steps] == [
        ("s1", "set_alarm", ()),
        ("s2", "change_alarm", ("s1",)),
    ]


WORDS = [*"blur describe read summarise speak dub song title it the picture then and".split(), "."]


@pytest.mark.promise("P2")
@given(st.lists(st.sampled_from(WORDS), max_size=20).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_every_plan_that_is_made_is_typed_and_survives_json(text: str) -> None:
    try:
        made = plan(text, "a.png:image", "b.mp4:video")
    except PlanningError:
        return
    assert Plan.from_json(json.loads(json.dumps(made.to_json()))) == made
    check_typed(made)


def check_typed(made: Plan) -> None:
    """Every binding of a plan exists before it is read and is accepted by its port."""
    types = {("", each.name): each.type for each in made.resources}
    for step in made.steps:
        known = GRAPH.card(step.tool)
        for name, bound in step.inputs:
            wanted = known.input(name)
            assert wanted is not None
            for binding in bound:
                if isinstance(binding, FromStep):
                    got = types[binding.step, binding.output]
                else:
                    got = types.get(("", getattr(binding, "name", "")), wanted.resource_type)
                assert wanted.resource_type.accepts(got)
        assert {port.name for port in known.required_inputs} <= {name for name, _ in step.inputs}
        types |= {(step.id, output.name): output.type for output in step.outputs}


@pytest.mark.promise("P6")
def test_what_no_tool_makes_is_not_answered_with_something_else() -> None:
    with pytest.raises(NoSolution, match=r"no route to image .* would connect these"):
        plan("make a picture of a dog")


def test_a_label_puts_a_selecting_tool_between_the_finder_and_the_drawer() -> None:
    made = plan("Highlight the dog in a.png", "a.png:image")
    assert calls(made) == [
        "s1 detect_objects(image=a.png)",
        "s2 select_boxes(boxes=s1.boxes, label='dog')",
        "s3 draw_boxes(image=a.png, boxes=s2.boxes)",
    ]
    # when the narrowed way fails, what was found without it stands in
    assert ["detect_objects", "draw_boxes"] in [
        [step.tool for step in other.steps] for other in made.alternatives
    ]


def test_a_label_changes_nothing_where_no_tool_selects() -> None:
    fewer = planner(GRAPH.without(frozenset({"select_boxes"})))
    made = fewer.plan(request("Highlight the dog in a.png", "a.png:image"))
    assert [step.tool for step in made.steps] == ["detect_objects", "draw_boxes"]


def test_a_label_changes_nothing_where_nothing_is_to_be_selected() -> None:
    made = plan("Blur the dog in a.png", "a.png:image")
    assert [step.tool for step in made.steps] == ["blur_picture"]


def test_a_selecting_tool_that_is_denied_is_not_used() -> None:
    denied = frozenset({"select_boxes"})
    made = plan("Highlight the dog in a.png", "a.png:image", deny_tools=denied)
    assert [step.tool for step in made.steps] == ["detect_objects", "draw_boxes"]
