"""The tools that a task's words may mean: what each would cost, and why the others lost.

What the search left out is searched now, each rival as if the words had asked for it alone; that
takes a few milliseconds each, and only when somebody asks for reasons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from controlllm_planner.cost import WEIGHTS
from controlllm_planner.decompose.verbs import GENERIC_VERBS
from controlllm_planner.plan import Solution, Verdict
from controlllm_planner.reasoning.scene import Scene, maker
from controlllm_planner.relevance import STOP_WORDS, stem, terms_of
from controlllm_planner.search.infeasible import prove_no_route
from controlllm_planner.task import Ending
from controlllm_planner.wording import type_names
from controlllm_tools.card import ToolCard

MOST_RIVALS = 4
_WORTH_TELLING = 0.01
_EXPANSIONS = 400
_NOTICED_S = 0.1
"""A difference in time that somebody may notice."""

_WORD = re.compile(r"[^\W\d_]+")
_WORDS_TOLD = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """A tool that a task's words may mean.

    Attributes:
        tool: Its name.
        words: Probability that the words ask for it.
        verdict: What became of it.
        reason: Why, in a few words.
        cost: Of the cheapest solution that ends with it; None when there is none.
        parts: The cost by kind.
        seconds: What its steps are expected to take.
        steps: How many there are.
    """

    tool: str
    words: float
    verdict: Verdict
    reason: str
    cost: float | None = None
    parts: tuple[tuple[str, float], ...] = ()
    seconds: float | None = None
    steps: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        data = {name: getattr(self, name) for name in Rival.__slots__}
        return {**data, "words": round(self.words, 4), "parts": dict(self.parts)}


def rivals(scene: Scene) -> tuple[Rival, ...]:
    """The chosen tool of a task, then those that the words may mean instead, likeliest first."""
    said = _said(scene)
    chosen = scene.chosen
    first = _priced(scene, scene.best, Rival(tool=chosen, words=said.get(chosen, 0.0), **_KEPT))
    others = sorted((name for name in said if name != chosen), key=lambda n: (-said[n], n))
    told = [name for name in others if said[name] >= _WORTH_TELLING][:MOST_RIVALS]
    found = (first, *(_rival(scene, name, said[name], first) for name in told))
    return tuple(_with_runs(scene, each) for each in found)


def _with_runs(scene: Scene, rival: Rival) -> Rival:
    """A rival with what was seen of it in earlier runs."""
    seen = scene.priors.of(scene.card(rival.tool))
    return rival if seen is None else replace(rival, reason=f"{rival.reason}; {seen}")


_KEPT: dict[str, Any] = {"verdict": "kept", "reason": "chosen"}


def _said(scene: Scene) -> dict[str, float]:
    """The tools that the words of a task may mean, with their probabilities."""
    task = scene.answer.task
    said = {ending.tool: ending.probability for ending in task.endings}
    for clause in task.clauses:
        if clause.asks:
            said = {**dict(clause.tools), **said}
    return said


def _rival(scene: Scene, name: str, words: float, first: Rival) -> Rival:
    """What became of one rival."""
    task, graph = scene.answer.asked, scene.planner.graph
    refused = scene.answer.solved.evidence.refused if scene.answer.solved else {}
    if name in refused:
        verdict, reason = refused[name]
        here = "not here" if verdict == "pruned_by_availability" else "not allowed"
        return Rival(tool=name, words=words, verdict=verdict, reason=f"{here}: {reason}")
    card, names = graph.card(name), type_names(graph)
    if not any(task.wants[0].accepts(port.resource_type) for port in card.outputs):
        makes = names.joined(port.type for port in card.outputs)
        reason = f"makes {makes}, not {names.of(task.wants[0])}"
        return Rival(tool=name, words=words, verdict="pruned_by_type", reason=reason)
    solution = _solution(scene, name, words, first.words)
    if solution is None:
        reason = _unreachable(scene, card)
        return Rival(tool=name, words=words, verdict="pruned_by_type", reason=reason)
    among = any(ending.tool == name for ending in task.endings)
    verdict = "dominated" if among or not task.endings else "pruned_by_score"
    priced = _priced(scene, solution, Rival(tool=name, words=words, verdict=verdict, reason=""))
    return replace(priced, reason=_why_lost(scene, priced, first))


def _solution(scene: Scene, name: str, words: float, best: float) -> Solution | None:
    """The cheapest way to do the task that ends with a tool."""
    task = scene.answer.asked
    fit = min(1.0, words / max(best, 1e-9))
    only = replace(task, endings=(Ending(name, fit, words),))
    budget = replace(scene.planner.budget(), solutions=1, expansions=_EXPANSIONS)
    limits = scene.request.constraints
    solved = scene.planner.solve(only, limits, budget=budget, priors=scene.priors)
    return next((each for each in solved.solutions if maker(each) == name), None)


def _priced(scene: Scene, solution: Solution, rival: Rival) -> Rival:
    """A rival with what its solution costs, its time apart from its money."""
    steps = scene.steps(solution)
    weights = WEIGHTS[scene.request.constraints.preference]
    money = weights.usd * sum(scene.card(call.tool).cost.usd for call in solution.calls)
    parts = dict(solution.parts)
    time = parts.pop("time and money", 0.0) - money
    named = {**parts, "time": round(time, 6), "money": round(money, 6)}
    return replace(
        rival,
        cost=round(solution.cost, 4),
        parts=tuple((name, value) for name, value in named.items() if abs(value) > 1e-9),
        seconds=round(sum(step.estimate.seconds for step in steps), 3),
        steps=len(solution.calls),
    )


def _unreachable(scene: Scene, card: ToolCard) -> str:
    """What a tool needs and nothing leads to."""
    graph, task = scene.planner.graph, scene.answer.asked
    refused = scene.answer.solved.evidence.refused if scene.answer.solved else {}
    usable = graph.without(frozenset(refused))
    given = [each.type for each in task.given]
    for port in card.required_inputs:
        makes = prove_no_route(usable, given, [port.resource_type]) is None
        if not makes and not any(port.resource_type.accepts(type_) for type_ in given):
            return f"needs {type_names(graph).of(port.type)}, to which nothing leads from here"
    return "no way through it uses all that the words name"


def _why_lost(scene: Scene, rival: Rival, first: Rival) -> str:
    """Where a rival is worse than the chosen tool, and where it is better."""
    worse, better = list(_by_words(scene, rival, first)), []
    if rival.words > first.words:
        better.append("fits the words better")
    for difference, more, less in _differences(rival, first):
        (worse if difference > 0 else better).append(more if difference > 0 else less)
    if not worse:
        return f"{', '.join(better) or 'as good'}, but the words lead to {first.tool} first"
    if better:
        return f"{', '.join(worse)}; though {', '.join(better)}"
    return ", ".join(worse) + (", and nothing better" if len(worse) > 1 else "")


def _by_words(scene: Scene, rival: Rival, first: Rival) -> Iterator[str]:
    """Words of the task that the card of the chosen tool has and that of a rival has not."""
    if rival.words >= first.words:
        return
    own, other = (_terms(scene.card(each.tool)) for each in (first, rival))
    words = dict.fromkeys(_WORD.findall(scene.answer.task.goal))
    said = [(word, stem(word.lower())) for word in words if word.lower() not in STOP_WORDS]
    unsaid = [word for word, term in said if term in own - other - GENERIC_VERBS]
    if unsaid:
        yield f"says nothing of {' or '.join(map(repr, unsaid[:_WORDS_TOLD]))}"
    else:
        yield "fits the words less"


def _differences(rival: Rival, first: Rival) -> Iterator[tuple[float, str, str]]:
    """How a rival differs in time, money and steps, each in words for more and for less."""
    seconds = (rival.seconds or 0.0) - (first.seconds or 0.0)
    if abs(seconds) >= _NOTICED_S:
        yield seconds, f"{seconds:.1f} s slower", f"{-seconds:.1f} s faster"
    money = dict(rival.parts).get("money", 0.0) - dict(first.parts).get("money", 0.0)
    if abs(money) > 1e-9:
        yield money, "costs more money", "costs less money"
    fails = dict(rival.parts).get("unreliability", 0.0) - dict(first.parts).get(
        "unreliability", 0.0
    )
    if abs(fails) > 1e-9:
        yield fails, "fails more often", "fails less often"
    steps = rival.steps - first.steps
    if steps:
        yield steps, f"{_count(steps)} more", f"{_count(-steps)} fewer"


def _count(steps: int) -> str:
    return f"{steps} step{'' if steps == 1 else 's'}"


def _terms(card: ToolCard) -> frozenset[str]:
    said = (card.name, card.title, card.summary, *card.examples)
    return frozenset(term for text in said for term in terms_of(text))
