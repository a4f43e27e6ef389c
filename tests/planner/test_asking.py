"""A question is asked only when the answer is known to help."""

from __future__ import annotations

from dataclasses import replace

import pytest
from worlds import CARDS, GRAPH, TYPES, calls, card, planner, request

from controlllm_planner.asking import Asking, Draft
from controlllm_planner.errors import NeedsInput, NoSolution
from controlllm_planner.missing_input import is_open
from controlllm_planner.search.base import SearchBudget, SearchProblem, SearchResult
from controlllm_planner.search.best_first import BestFirst
from controlllm_planner.stand_ins import FAMILIES, Gap
from controlllm_planner.task import Constraints, Request
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.registry import TypeInfo
from controlllm_tools.resources import ResourceType

BLUR = GRAPH.card("blur_picture")
GAP = Gap(BLUR.name, BLUR.inputs[0])


def asking(drafts: list[Draft], seen: list[Request]) -> Asking:
    def draft(asked: Request) -> Draft:
        seen.append(asked)
        return drafts[min(len(seen), len(drafts)) - 1]

    return Asking(graph=GRAPH, file_types=FAMILIES, draft=draft, again=draft)


def test_a_request_that_lacks_nothing_is_planned_once() -> None:
    trace = planner().trace(request("Blur a.png", "a.png:image"))
    seen: list[Request] = []
    asked = asking([Draft(outcome=trace)], seen)
    assert asked.best(request("Blur a.png", "a.png:image")).trace is trace
    assert len(seen) == 1


def test_what_is_lacking_is_left_open_in_the_next_draft() -> None:
    failed = NoSolution("blur", "no route")
    seen: list[Request] = []
    asked = asking([Draft(outcome=failed, found=(GAP,), asks=True), Draft(outcome=failed)], seen)
    best = asked.best(request("blur"))
    assert [is_open(each.name) for each in seen[1].attachments] == [True]
    # not even a picture would help, so the first answer stays, and nothing is asked for
    assert best.outcome is failed
    assert asked.missing(best) == ()


def test_no_request_is_planned_for_ever() -> None:
    seen: list[Request] = []
    never = Draft(outcome=NoSolution("blur", "no route"), found=(GAP,), asks=True)
    asking([never], seen).best(request("blur"))
    assert len(seen) <= 5


class Watched(BestFirst):
    """The default strategy, that remembers the files with which each search was asked."""

    def __init__(self) -> None:
        self.starts: list[int] = []

    def search(self, problem: SearchProblem, budget: SearchBudget) -> SearchResult:
        self.starts.append(sum(each.required for each in problem.starts))
        return super().search(problem, budget)


@pytest.mark.parametrize("more", [0, 1])
def test_a_request_is_planned_anew_only_while_there_is_time(more: int) -> None:
    asked = request("Blur the picture and take the sound track out of the film")
    unhurried = Watched()
    with pytest.raises(NeedsInput):
        planner(strategy=unhurried).plan(asked)
    first_draft = unhurried.starts.index(1)  # before what is missing was left open
    assert len(unhurried.starts) > first_draft + 1

    hurried = Watched()
    budget = SearchBudget(is_over=lambda: len(hurried.starts) >= first_draft + more)
    made = replace(planner(strategy=hurried), budget=lambda: budget)
    with pytest.raises(NoSolution, match="no route to image"):
        made.plan(asked)
    assert len(hurried.starts) == first_draft + more


def test_what_the_words_call_there_is_asked_for_before_the_words_are_worked_on() -> None:
    with pytest.raises(NeedsInput) as caught:
        planner().plan(request("Take the sound track out of the film"))
    assert [(each.tool, each.port) for each in caught.value.missing] == [("sound_track", "video")]


def test_words_that_a_tool_makes_something_of_are_no_reason_to_ask() -> None:
    mood = card("feel", "words:text", "mood:beats", "Find the mood of words.")
    made = planner(ToolGraph([*CARDS, mood], TYPES))
    plan = made.plan(request("Compose calm background music"))
    assert [step.tool for step in plan.steps] == ["feel", "compose"]


def test_more_of_what_is_there_is_used_before_anything_is_asked_for() -> None:
    compare = card("compare", "one:image other:image", "number:number", "Compare two pictures.")
    still = card("still", "video:video", "frame:image", "Take one frame of a video.")
    made = planner(ToolGraph([*CARDS, compare, still], TYPES))
    plan = made.plan(request("Compare the picture", "a.png:image", "b.mp4:video"))
    assert calls(plan) == ["s1 still(video=b.mp4)", "s2 compare(one=a.png, other=s1.frame)"]
    with pytest.raises(NeedsInput):
        made.plan(request("Compare the picture", "a.png:image"))


def test_words_do_not_stand_in_for_an_address_that_may_not_be_read() -> None:
    fetch = card("fetch", "url:url", "page:text", "Fetch a web page.", effects="network")
    types = {**TYPES, ResourceType("url"): TypeInfo(words=("address",))}
    made = planner(ToolGraph([*CARDS, fetch], types))
    with pytest.raises(NoSolution, match="fetch would open one, but may not be used"):
        made.plan(request("Summarise https://example.org/news"))
    allowed = Constraints(allow_effects=frozenset({"network"}))
    plan = made.plan(request("Summarise https://example.org/news", constraints=allowed))
    assert [step.tool for step in plan.steps] == ["fetch", "summarise"]
