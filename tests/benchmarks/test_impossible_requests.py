"""What becomes of requests that no tool can do."""

from __future__ import annotations

from worlds import planner, request

from benchmarks.impossible_requests import examples, outcome, shares, written
from controlllm_tools.registry import Registry


def test_a_request_is_refused_asked_about_or_planned() -> None:
    made_by = planner()
    assert outcome(made_by, request("Blur a.png", "a.png:image")) == ("planned", ("blur_picture",))
    assert outcome(made_by, request("Blur the picture")) == ("asked back", ())
    assert outcome(made_by, request("Fribble the gronk")) == ("refused", ())


def test_shares_have_an_interval_and_sum_up_to_all() -> None:
    figures = list(shares("requests", ["planned", "planned", "refused", "asked back"]))
    assert [figure.value for figure in figures] == [25, 25, 50]
    assert all(
        figure.low is not None and figure.high is not None and figure.low < 50 < figure.high
        for figure in figures[2:]
    )


def test_the_written_requests_and_the_examples_speak_of_types_that_there_are(
    registry: Registry,
) -> None:
    asked = [*written(), *examples(registry)]
    types = {each.type for one in asked for each in one.attachments}
    assert types <= set(registry.types)
    assert len({one.text for one in written()}) == len(list(written())) > 100
