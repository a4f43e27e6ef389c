"""The question a search answers, its bounds, its answer, and the protocol of strategies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from controlllm_planner.cost import SUBTYPE
from controlllm_planner.graph_arrays import Vector
from controlllm_planner.tool_graph import ToolGraph


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A given resource, by numbers.

    Attributes:
        type: Number of its type in the graph.
        required: Whether every solution must use it.
        weight: Extra cost each time it is bound.
        many: Whether it is a list, which only a list port takes.
    """

    type: int
    required: bool = True
    weight: float = 0.0
    many: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class SearchProblem:
    """One task as a question about the graph; equal to itself alone.

    Attributes:
        graph: Tools and types.
        starts: What is given.
        wants: Numbers of the types to make; each by a call, never a given resource as it is.
        via: Numbers of types that must be made and used on the way.
        call_costs: Cost of one call of each tool, at least zero; infinite for a tool that may
            not be used.
        scores: Relevance of each tool in [0, 1].
        endings: The only tools that may make the first wanted type; empty for any.
        subtype_cost: Cost of binding a refined resource, per refinement.
    """

    graph: ToolGraph
    starts: tuple[Start, ...]
    wants: tuple[int, ...]
    call_costs: Vector
    scores: Vector
    via: tuple[int, ...] = ()
    endings: frozenset[int] = frozenset()
    subtype_cost: float = SUBTYPE


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchBudget:
    """Bounds of one search.

    Attributes:
        expansions: Partial solutions that may be taken up.
        max_steps: Calls in one solution.
        solutions: How many to find that differ in their tools.
        patience: Once a solution is found, as many partial solutions again, and so many more, may
            be taken up for others; they are welcome, not urgent.
        margin: Solutions that cost more than the cheapest by this much are of no interest.
        is_over: Asked now and then; true ends the search with what it has. The clock is the
            caller's, so that search stays a function of its arguments.
    """

    expansions: int = 2_000
    max_steps: int = 12
    solutions: int = 5
    patience: int = 15
    margin: float = 2.5
    is_over: Callable[[], bool] = field(default=lambda: False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCall:
    """One call of a found solution.

    Attributes:
        tool: Number of the tool.
        bound: Per bound port its name and its sources; a source is `(-1, i)` for the i-th given
            resource, or `(c, o)` for output o of call c, with c earlier in the solution.
    """

    tool: int
    bound: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A sound solution.

    Attributes:
        calls: In an order in which they can run.
        wanted: Source of each wanted type.
        cost: Sum of call costs and binding costs.
    """

    calls: tuple[FoundCall, ...]
    wanted: tuple[tuple[int, int], ...]
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """What a search found and how.

    Attributes:
        found: Cheapest first.
        expanded: Partial solutions taken up.
        pruned: Partial solutions or tools set aside without being taken up.
        complete: Whether everything within the margin was seen; false when a bound stopped it.
        proven: Whether no solution is cheaper than the first one, for sure.
    """

    found: tuple[Found, ...]
    expanded: int
    pruned: int
    complete: bool
    proven: bool = False


class SearchStrategy(Protocol):
    """A way to search; deterministic, sound and bounded, or it does not pass the suite."""

    def search(self, problem: SearchProblem, budget: SearchBudget) -> SearchResult:
        """Find solutions of one task, cheapest first; no solution is an empty result."""
