"""The order of solutions."""

from controlllm_planner.plan import Call, CallRef, GivenRef, Solution
from controlllm_planner.ranking import rank
from controlllm_planner.task import TaskId


def solution(cost: float, *calls: Call) -> Solution:
    wanted = (CallRef(len(calls) - 1, "out"),)
    return Solution(task=TaskId("t1"), calls=calls, wanted=wanted, cost=cost)


def call(tool: str, *before: int) -> Call:
    refs = tuple((f"in{n}", (CallRef(b, "out"),)) for n, b in enumerate(before))
    return Call(tool=tool, inputs=refs or (("in", (GivenRef(0),)),))


def tools(ranked: tuple[Solution, ...]) -> list[list[str]]:
    return [[each.tool for each in one.calls] for one in ranked]


def test_the_cheapest_comes_first() -> None:
    assert tools(rank([solution(2, call("b")), solution(1, call("a"))])) == [["a"], ["b"]]


def test_a_solution_that_adds_calls_to_a_cheaper_one_is_no_alternative() -> None:
    longer = solution(2, call("x"), call("a", 0))
    assert tools(rank([solution(1, call("a")), longer])) == [["a"]]


def test_of_equally_cheap_bindings_the_shorter_chain_wins() -> None:
    chained = solution(1, call("a"), call("b", 0), call("c", 1))
    parallel = solution(1, call("a"), call("b", 0), call("c", 0))
    assert rank([chained, parallel]) == (parallel,)


def test_using_a_tool_twice_is_something_else_than_using_it_once() -> None:
    twice = solution(2, call("a"), call("b", 0), call("b", 1))
    once = solution(3, call("c"), call("b", 0))
    assert tools(rank([twice, once])) == [["a", "b", "b"], ["c", "b"]]
