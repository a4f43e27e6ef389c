"""Where artefacts come from, and what becomes of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import worlds
from histories import (
    accept,
    add,
    cached,
    digest,
    file,
    finished,
    started,
    succeeded,
    text,
    used,
)

from controlllm.events import RunId
from controlllm.provenance.engine import open_engine
from controlllm.provenance.lineage import Lineage, Origin
from controlllm.provenance.store import SPOKEN_NAME, SqlStore
from controlllm.records import Claim
from controlllm_planner.plan import Plan, Value
from controlllm_planner.task import Attachment, Request
from controlllm_tools.resources import Resource


def hand_over(store: SqlStore, *resources: Resource, plan: Plan | None = None) -> Claim:
    attachments = tuple(
        Attachment(name=each.name, type=each.type, resource=each) for each in resources
    )
    return accept(store, Request(text="x", attachments=attachments), plan)


def step(
    store: SqlStore, claim: Claim, name: str, reads: tuple[Resource, ...], *makes: Resource
) -> Claim:
    """One step from its begin to its end, in a transaction each."""
    claim = add(store, claim, started(name, used("in", *reads)))
    return add(store, claim, succeeded(name, "out", *makes))


def tree(origin: Origin | None) -> object:
    """An origin as nested lists: what and by whom, then per input."""
    assert origin is not None
    by = origin.step.step if origin.step else "person"
    words = f"{origin.resource.name} by {by}{'' if origin.told else ' (see above)'}"
    return [words, *(tree(source) for _, source in origin.inputs)] if origin.inputs else words


VIDEO = file("video", name="clip.mp4", type_="video")
SONG = file("song", name="song.mp3", type_="audio")
FRAME_1, FRAME_2 = file("frame 1", name="1.png"), file("frame 2", name="2.png")
COLLAGE = file("collage", name="collage.png")
TITLE = text("A title", name="title.txt", type_="text.title")


def test_the_tree_of_an_artefact_goes_back_to_what_the_person_handed_over(store: SqlStore) -> None:
    claim = hand_over(store, VIDEO, SONG)
    claim = step(store, claim, "s1", (VIDEO,), FRAME_1, FRAME_2)
    claim = step(store, claim, "s2", (FRAME_2,), TITLE)
    claim = step(store, claim, "s3", (TITLE, SONG), COLLAGE)
    origin = Lineage(store).up(COLLAGE.sha256)
    assert origin is not None
    assert tree(origin) == [
        "collage.png by s3",
        ["title.txt by s2", ["2.png by s1", "clip.mp4 by person"]],
        "song.mp3 by person",
    ]
    assert origin.resource == COLLAGE
    assert (origin.run_id, origin.port) == (claim.run_id, "out")
    assert [port for port, _ in origin.inputs] == ["in", "in"]
    made_by = {each.step: each for each in store.steps(claim.run_id)}
    assert origin.step == made_by["s3"]
    assert origin.inputs[0][1].step == made_by["s2"]
    assert origin.inputs[1][1] == Origin(
        resource=SONG, run_id=claim.run_id, step=None, port="song.mp3"
    )


def test_an_unknown_artefact_has_no_origin_and_no_uses(store: SqlStore) -> None:
    claim = hand_over(store, VIDEO)
    lineage = Lineage(store)
    assert lineage.up(digest("never seen")) is None
    assert lineage.up(VIDEO.sha256, RunId("another")) is None
    assert lineage.up(VIDEO.sha256, claim.run_id) is not None
    assert lineage.down(digest("never seen")) == ()
    assert lineage.down(VIDEO.sha256) == ()


def test_an_input_that_is_shared_is_unfolded_once(store: SqlStore) -> None:
    claim = hand_over(store, VIDEO)
    claim = step(store, claim, "s1", (VIDEO,), FRAME_1)
    claim = step(store, claim, "s2", (FRAME_1,), FRAME_2)
    claim = step(store, claim, "s3", (FRAME_1, FRAME_2), COLLAGE)
    assert tree(Lineage(store).up(COLLAGE.sha256)) == [
        "collage.png by s3",
        ["1.png by s1", "clip.mp4 by person"],
        ["2.png by s2", "1.png by s1 (see above)"],
    ]


def test_content_handed_on_unchanged_keeps_its_way(store: SqlStore) -> None:
    """A tool may return its input; then several steps made the same bytes, one after the other."""
    claim = hand_over(store, FRAME_1)
    for name in ("s2", "s1", "s3"):
        claim = step(store, claim, name, (FRAME_1,), FRAME_1)
    step(store, claim, "s4", (FRAME_1,), COLLAGE)
    assert tree(Lineage(store).up(COLLAGE.sha256)) == [
        "collage.png by s4",
        ["1.png by s3", ["1.png by s1", ["1.png by s2", "1.png by person"]]],
    ]
    assert tree(Lineage(store).up(FRAME_1.sha256)) == [
        "1.png by s3",
        ["1.png by s1", ["1.png by s2", "1.png by person"]],
    ]


def test_a_step_did_not_read_what_was_made_after_it_began(store: SqlStore) -> None:
    claim = hand_over(store, FRAME_1)
    claim = add(store, claim, started("s1", used("in", FRAME_1)))
    claim = step(store, claim, "s2", (), FRAME_1)
    add(store, claim, succeeded("s1", "out", COLLAGE))
    assert tree(Lineage(store).up(COLLAGE.sha256)) == ["collage.png by s1", "1.png by person"]


def test_a_cached_step_tells_what_this_run_gave_it_and_where_the_result_is_from(
    store: SqlStore,
) -> None:
    first = hand_over(store, VIDEO)
    first = add(store, step(store, first, "s1", (VIDEO,), FRAME_1), finished())
    copy = file("video", name="my copy.mp4", type_="video")
    second = hand_over(store, copy)
    source = (first.run_id, "s1")
    taken = cached("t7", used("in", VIDEO), (("out", (FRAME_1,)),), source)
    second = add(store, second, taken)
    lineage = Lineage(store)
    assert tree(lineage.up(FRAME_1.sha256)) == ["1.png by s1", "clip.mp4 by person"]
    again = lineage.up(FRAME_1.sha256, second.run_id)
    assert tree(again) == ["1.png by t7", "my copy.mp4 by person"]
    assert again is not None
    assert again.step is not None
    assert (again.step.state, again.step.cached_run, again.step.cached_step) == ("cached", *source)


def test_what_a_step_made_tells_more_than_the_same_file_handed_over_before(store: SqlStore) -> None:
    hand_over(store, COLLAGE)
    claim = hand_over(store, VIDEO)
    step(store, claim, "s1", (VIDEO,), COLLAGE)
    assert tree(Lineage(store).up(COLLAGE.sha256)) == ["collage.png by s1", "clip.mp4 by person"]


def test_a_value_from_the_words_is_an_input(store: SqlStore) -> None:
    made = worlds.planner().plan(worlds.request("blur a.png", "a.png:image"))
    first = made.steps[0]
    said = replace(first, inputs=(*first.inputs, ("strength", (Value(3, "number"),))))
    plan = replace(made, steps=(said, *made.steps[1:]))
    claim = hand_over(store, FRAME_1, plan=plan)
    strength = Resource.of_value("number", 3)
    step(store, claim, first.id, (FRAME_1, strength), COLLAGE)
    assert tree(Lineage(store).up(COLLAGE.sha256)) == [
        f"collage.png by {first.id}",
        "1.png by person",
        f"{SPOKEN_NAME} by person",
    ]


def test_uses_are_told_over_all_runs(store: SqlStore) -> None:
    first = hand_over(store, VIDEO)
    first = step(store, first, "s1", (VIDEO,), FRAME_1)
    first = step(store, first, "s2", (FRAME_1, FRAME_1), COLLAGE, TITLE)
    second = hand_over(store, FRAME_1)
    second = add(store, second, started("only", used("picture", FRAME_1)))
    uses = Lineage(store).down(FRAME_1.sha256)
    assert [(use.step.run_id, use.step.step, use.port, use.made) for use in uses] == [
        (first.run_id, "s2", "in", (COLLAGE, TITLE)),
        (second.run_id, "only", "picture", ()),
    ]


def test_a_chain_longer_than_the_stack_is_told_whole(tmp_path: Path) -> None:
    store = SqlStore(open_engine(f"sqlite:///{tmp_path}/r.db"), now_s=lambda: 0.0, lease_s=1.0)
    length = 3_000
    claim = hand_over(store, file("0", name="0"))
    pictures = [file(f"{number}", name=f"{number}") for number in range(length + 1)]
    made = []
    for number in range(length):
        made.append(started(f"s{number}", used("in", pictures[number])))
        made.append(succeeded(f"s{number}", "out", pictures[number + 1]))
    add(store, claim, *made)
    origin = Lineage(store).up(pictures[-1].sha256)
    names = []
    while origin is not None:
        names.append(origin.resource.name)
        origin = origin.inputs[0][1] if origin.inputs else None
    store.close()
    assert names == [f"{number}" for number in range(length, -1, -1)]
