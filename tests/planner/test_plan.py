"""Plans as values."""

import json
from dataclasses import replace

from worlds import alternative, plan_of, planner, request, step

from controlllm_planner.plan import Decision, Plan
from controlllm_planner.task import TaskId

PLAN = planner().plan(request("blur photo.png and describe it", "photo.png:image"))


def test_a_plan_survives_the_journey_through_json() -> None:
    again = Plan.from_json(json.loads(json.dumps(PLAN.to_json())))
    assert again == PLAN
    assert again.digest == PLAN.digest


def test_the_digest_covers_what_execution_reads() -> None:
    base = plan_of(step("a"), step("b", "a"), outputs=["b"])
    other = alternative("t1", "b", step("x"), new="x")
    changes = [
        replace(base, seed=1),
        replace(base, outputs=base.outputs[:0]),
        plan_of(step("a"), step("b", "a", tool="other"), outputs=["b"]),
        replace(base, alternatives=(other,)),
    ]
    digests = {each.digest for each in changes} | {base.digest}
    assert len(digests) == len(changes) + 1


def test_the_digest_leaves_out_words_about_the_plan() -> None:
    base = plan_of(step("a"), outputs=["a"])
    reason = Decision(
        task=TaskId("t1"), candidate="a", verdict="kept", score=1, bound=1, reason="r", by="x"
    )
    told = replace(base, goal="said differently", decisions=(reason,), notes=("in German",))
    assert told.digest == base.digest


def test_notes_survive_json_and_plans_of_before_have_none() -> None:
    told = replace(PLAN, notes=("this looks like German (de)",))
    data = json.loads(json.dumps(told.to_json()))
    assert Plan.from_json(data) == told
    del data["notes"]
    assert Plan.from_json(data).notes == ()


def test_an_infinite_bound_survives_json() -> None:
    decision = Decision(
        task=TaskId("t1"),
        candidate="x",
        verdict="pruned_by_type",
        score=0.5,
        bound=float("inf"),
        reason="no chain",
        by="BestFirst",
    )
    assert Decision.from_json(json.loads(json.dumps(decision.to_json()))) == decision
