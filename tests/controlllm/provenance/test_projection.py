"""Which rows events turn into."""

from __future__ import annotations

from dataclasses import replace

from histories import (
    CARD_HASH,
    Make,
    at,
    cached,
    delivered,
    digest,
    file,
    finished,
    stamp,
    started,
    succeeded,
    text,
    used,
)

from controlllm.events import RunEvent, RunId, StepFailed, StepProgressed, StepRetried
from controlllm.provenance.projection import Changes, changes_of
from controlllm_tools.resources import MediaFacts

RUN = RunId("run-1")
PICTURE = replace(file("picture", name="a.png"), facts=MediaFacts(width_px=4), caption="4 px wide")


def retried(step: str) -> Make:
    return lambda stamp: StepRetried(
        stamp=stamp, step=step, attempt=1, error="transient", message="again", delay_s=1.0
    )


def failed(step: str) -> Make:
    return lambda stamp: StepFailed(stamp=stamp, step=step, error="tool_failed", message="no")


def changes(*made: Make) -> Changes:
    events: list[RunEvent] = [make(stamp(RUN, seq)) for seq, make in enumerate(made, 1)]
    return changes_of(RUN, events)


def row(**columns: object) -> dict[str, object]:
    whole = {
        "run_id": RUN,
        "step": "s1",
        "tool": "tool",
        "card_hash": CARD_HASH,
        "key": digest("k"),
        "state": "running",
        "attempts": 1,
        "started_at": at(1),
        "finished_at": None,
        "seconds": None,
        "memory_bytes": None,
        "estimate_s": None,
        "error": None,
        "message": None,
        "cached_run": None,
        "cached_step": None,
        "begun_seq": 1,
        "ended_seq": None,
    }
    return {**whole, **columns}


def ended(**columns: object) -> dict[str, object]:
    names = ("state", "finished_at", "seconds", "memory_bytes", "error", "message", "ended_seq")
    return {**dict.fromkeys(names), **columns}


def link(direction: str, port: str, **columns: object) -> dict[str, object]:
    whole = {
        "run_id": RUN,
        "step": "s1",
        "direction": direction,
        "port": port,
        "position": 0,
        "sha256": PICTURE.sha256,
        "type": "image",
        "name": "",
        "caption": "",
        "mime": None,
        "facts": None,
    }
    return {**whole, **columns}


def test_a_step_that_begins_is_a_new_row_with_links_to_what_it_reads() -> None:
    both = used("pictures", PICTURE, file("other"))
    assert changes(started("s1", both, key="k")) == Changes(
        RUN,
        begun={"s1": row()},
        links=[
            link("used", "pictures"),
            link("used", "pictures", position=1, sha256=digest("other")),
        ],
    )


def test_a_step_that_succeeds_changes_its_row_and_adds_what_it_made() -> None:
    content = text("nul \u0000 and ä", type_="text.title")
    outputs = (("image", (PICTURE,)), ("title", (content,)))
    assert changes(delivered("s1", outputs)) == Changes(
        RUN,
        ended={"s1": ended(state="succeeded", finished_at=at(1), seconds=0.5, ended_seq=1)},
        artifacts={
            PICTURE.sha256: {
                "sha256": PICTURE.sha256,
                "size_bytes": 7,
                "mime": "image/png",
                "facts": {"width_px": 4},
                "content": None,
                "created_at": at(1),
            },
            content.sha256: {
                "sha256": content.sha256,
                "size_bytes": 12,
                "mime": "text/plain",
                "facts": {},
                "content": b"nul \x00 and \xc3\xa4",
                "created_at": at(1),
            },
        },
        links=[
            link(
                "made",
                "image",
                name="a.png",
                caption="4 px wide",
                mime="image/png",
                facts={"width_px": 4},
            ),
            link(
                "made",
                "title",
                sha256=content.sha256,
                type="text.title",
                mime="text/plain",
                facts={},
            ),
        ],
    )


def test_a_step_that_begins_and_ends_in_one_batch_is_one_row() -> None:
    made = changes(started("s1", key="k"), succeeded("s1", "image"))
    expected = row(state="succeeded", finished_at=at(2), seconds=0.5, ended_seq=2)
    assert made == Changes(RUN, begun={"s1": expected})


def test_a_step_that_failed_tells_why() -> None:
    expected = ended(
        state="failed", finished_at=at(1), error="tool_failed", message="no", ended_seq=1
    )
    assert changes(failed("s1")) == Changes(RUN, ended={"s1": expected})


def test_a_step_that_will_be_tried_again_waits() -> None:
    expected = ended(state="waiting", error="transient", message="again", ended_seq=1)
    assert changes(retried("s1")) == Changes(RUN, ended={"s1": expected})


def test_a_further_attempt_begins_with_a_clean_row() -> None:
    again = started("s1", key="k", attempt=2)
    assert changes(retried("s1"), again) == Changes(
        RUN, begun={"s1": row(attempts=2, started_at=at(2), begun_seq=2)}
    )


def test_a_step_that_was_taken_from_elsewhere_names_its_source() -> None:
    source = ("run-0", "s7")
    made = changes(cached("s1", used("image", PICTURE), (("edges", (PICTURE,)),), source))
    assert made.begun == {
        "s1": row(
            key=digest(f"{source}"),
            state="cached",
            attempts=0,
            started_at=None,
            finished_at=at(1),
            cached_run="run-0",
            cached_step="s7",
            ended_seq=1,
        )
    }
    assert [(each["direction"], each["port"]) for each in made.links] == [
        ("used", "image"),
        ("made", "edges"),
    ]


def test_content_that_is_made_twice_is_one_artefact() -> None:
    made = changes(succeeded("s1", "image", PICTURE), succeeded("s2", "copy", PICTURE))
    assert list(made.artifacts) == [PICTURE.sha256]
    assert [(each["step"], each["port"]) for each in made.links] == [
        ("s1", "image"),
        ("s2", "copy"),
    ]


def test_only_a_final_state_finishes_the_run() -> None:
    assert changes(finished("running")) == Changes(RUN)
    assert changes(finished("budget_exhausted")) == Changes(
        RUN, finished=("budget_exhausted", at(1))
    )


def test_what_is_only_told_changes_no_row() -> None:
    told = changes(lambda stamp: StepProgressed(stamp=stamp, step="s1", fraction=0.1, message=""))
    assert told == Changes(RUN)
