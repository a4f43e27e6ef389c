"""Tasks as questions to the search."""

from worlds import card

from controlllm_planner.plan import GivenRef
from controlllm_planner.problem import direct_call
from controlllm_planner.task import Given, Spoken
from controlllm_tools.resources import ResourceType

TEXT = ResourceType("text")


def said(words: str, weight: float, *, required: bool = False) -> Given:
    return Given(type=TEXT, origin=Spoken(words), weight=weight, required=required)


def test_a_tool_that_makes_nothing_takes_what_must_be_used_and_then_the_cheapest() -> None:
    compare = card("compare", "first:text second:text", "")
    given = [
        said("the wish itself", 1.5),
        said("an earlier text", 1.0),
        said("it", 9, required=True),
    ]
    call = direct_call(compare, given)
    assert call.inputs == (("first", (GivenRef(2),)), ("second", (GivenRef(1),)))
