"""What the words may mean instead, what it would cost, and why it lost."""

from dataclasses import replace

from worlds import CARDS, GRAPH, TYPES, card, planner, request

from controlllm_planner.planner import Planner
from controlllm_planner.priors import Observed, Priors
from controlllm_planner.reasoning.rivals import Rival, rivals
from controlllm_planner.reasoning.scene import Scene
from controlllm_planner.task import Clause, Constraints, Ending, Request
from controlllm_planner.tool_graph import ToolGraph

PLANNER = planner()
SLOW = card("describe_slowly", "image:image", "text:text", "Describe a picture.", seconds=40.0)
DEAR = card("describe_elsewhere", "image:image", "text:text", "Describe a picture.", seconds=2.0)


def scene(made_by: Planner, asked: Request, at: int = 0) -> Scene:
    trace = made_by.trace(asked)
    return Scene(
        planner=made_by,
        request=asked,
        priors=made_by.priors(),
        before=trace.answers[:at],
        answer=trace.answers[at],
    )


def saying(told: Scene, **words: float) -> Scene:
    """The scene as if its words had meant these tools with these probabilities."""
    ranked = tuple(sorted(words.items(), key=lambda each: -each[1]))
    clause = Clause(text=told.answer.task.goal, asks=True, tools=ranked)
    endings = tuple(replace(e, probability=words[e.tool]) for e in told.answer.task.endings)
    task = replace(told.answer.task, clauses=(clause,), endings=endings)
    return replace(told, answer=replace(told.answer, task=task))


def by_name(told: Scene) -> dict[str, Rival]:
    return {each.tool: each for each in rivals(told)}


def test_the_chosen_tool_comes_first_with_the_cost_of_the_plan_by_part() -> None:
    told = scene(
        PLANNER, request("Dub clip.mp4 with a suitable background music", "clip.mp4:video")
    )
    first = rivals(told)[0]
    assert (first.tool, first.verdict, first.reason) == ("dub", "kept", "chosen")
    assert first.cost == round(told.best.cost, 4)
    assert first.steps == 3
    assert abs(sum(value for _, value in first.parts) - told.best.cost) < 1e-4


def test_a_tool_that_makes_something_else_says_so_by_the_names_of_types() -> None:
    told = saying(
        scene(PLANNER, request("Describe a.png", "a.png:image")), caption_picture=0.9, speak=0.05
    )
    assert by_name(told)["speak"].reason == "makes audio, not text"
    assert by_name(told)["speak"].cost is None


def test_a_slower_equal_loses_by_its_seconds() -> None:
    made_by = planner(ToolGraph([*CARDS, SLOW], TYPES))
    told = scene(made_by, request("Describe a.png", "a.png:image"))
    endings = (Ending("caption_picture"), Ending("describe_slowly"))
    task = replace(told.answer.task, endings=endings)
    solved = made_by.solve(task, Constraints())
    answer = replace(told.answer, task=task, asked=task, solutions=solved.solutions, solved=solved)
    told = saying(replace(told, answer=answer), caption_picture=0.5, describe_slowly=0.5)
    slow = by_name(told)["describe_slowly"]
    assert (slow.verdict, slow.seconds) == ("dominated", 40.0)
    assert slow.reason == "38.0 s slower"


def test_a_tool_whose_card_lacks_a_word_of_the_wish_is_told_by_that_word() -> None:
    told = saying(
        scene(PLANNER, request("Blur a.png", "a.png:image")), blur_picture=0.9, segment_picture=0.05
    )
    reason = by_name(told)["segment_picture"].reason
    assert reason.startswith("says nothing of 'Blur'")


def test_what_cannot_run_here_is_told_with_its_reason() -> None:
    here = replace(PLANNER, unavailable={"read_words": "needs tesseract"})
    told = saying(
        scene(here, request("Describe a.png", "a.png:image")), caption_picture=0.6, read_words=0.3
    )
    lost = by_name(told)["read_words"]
    assert (lost.verdict, lost.reason) == ("pruned_by_availability", "not here: needs tesseract")


def test_what_the_request_denies_is_told_as_not_allowed() -> None:
    limits = Constraints(deny_tools=frozenset({"read_words"}))
    asked = request("Describe a.png", "a.png:image", constraints=limits)
    told = saying(scene(PLANNER, asked), caption_picture=0.6, read_words=0.3)
    assert by_name(told)["read_words"].reason == "not allowed: the request denies it"


def test_a_tool_that_nothing_leads_to_names_what_it_needs() -> None:
    hum = card("hum", "dance:dance", "text:text", "Describe a dance.")
    made_by = planner(ToolGraph([*GRAPH.without(frozenset({"choreograph"})).cards, hum], TYPES))
    told = saying(
        scene(made_by, request("Describe a.png", "a.png:image")), caption_picture=0.8, hum=0.1
    )
    assert by_name(told)["hum"].reason == "needs dance, to which nothing leads from here"


def test_money_is_told_apart_from_time() -> None:
    paid = replace(DEAR, cost=replace(DEAR.cost, usd=0.1))
    made_by = planner(ToolGraph([*CARDS, paid], TYPES))
    told = scene(made_by, request("Describe a.png", "a.png:image"))
    words = {"caption_picture": 0.5, "describe_elsewhere": 0.45}
    rest = {e.tool: 0.01 for e in told.answer.task.endings if e.tool not in words}
    lost = by_name(saying(told, **words, **rest))["describe_elsewhere"]
    assert dict(lost.parts)["money"] == 2.0
    assert "costs more money" in lost.reason


def test_only_rivals_worth_telling_are_told() -> None:
    told = scene(PLANNER, request("Describe a.png", "a.png:image"))
    words = {card.name: 0.001 for card in GRAPH.cards} | {"caption_picture": 0.9, "speak": 0.02}
    assert list(by_name(saying(told, **words))) == ["caption_picture", "speak"]


def test_endings_without_clauses_are_rivals_all_the_same() -> None:
    told = scene(PLANNER, request("Describe a.png", "a.png:image"))
    endings = (Ending("caption_picture", 1.0, 0.6), Ending("read_words", 0.5, 0.3))
    task = replace(told.answer.task, clauses=(), endings=endings)
    told = replace(told, answer=replace(told.answer, task=task, asked=task))
    assert by_name(told)["read_words"].verdict == "dominated"


def test_what_was_seen_in_earlier_runs_is_told_and_a_tool_may_lose_by_it() -> None:
    equal = card("describe_again", "image:image", "text:text", "Describe a picture.", seconds=2.0)
    failing = GRAPH.card("caption_picture")
    seen = Observed(tool=failing.name, card_hash=failing.card_hash, worked=1, failed=9, seconds=2.0)
    known = Priors(tools={seen.card_hash: seen})
    made_by = replace(planner(ToolGraph([*CARDS, equal], TYPES)), priors=lambda: known)
    told = scene(made_by, request("Describe a.png", "a.png:image"))
    assert told.chosen == "describe_again"
    lost = by_name(saying(told, caption_picture=0.5, describe_again=0.5))["caption_picture"]
    assert lost.reason == ("fails more often; observed 1 of 10 runs worked, 2 s on average")
