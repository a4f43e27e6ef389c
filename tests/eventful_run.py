"""One run with everything in it that an export has to tell, written event by event.

clip.mp4 ──> s1 stills (every 3 seconds) ──> three frames, two of them alike
frames ────> s2 collage: fails; s2b stack takes over and hands the second frame on unchanged
notes ─────> s3 make_title: taken from an earlier run
title ─────> s4 speak: fails for good, so that the run ends as partial
title ─────> s5 shout: stopped with the run
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import histories
import worlds
from histories import accept, add, at, digest, finished, used

from controlllm.events import (
    Outputs,
    RunId,
    StepCached,
    StepFailed,
    StepStarted,
    StepSubstituted,
    Used,
)
from controlllm.execution.artifacts import ArtifactStore
from controlllm.provenance.engine import open_engine
from controlllm.provenance.store import SqlStore
from controlllm_planner.cost import Estimate
from controlllm_planner.plan import (
    Alternative,
    Binding,
    FromResource,
    FromStep,
    Plan,
    PlanResource,
    PlanStep,
    StepId,
    StepOutput,
    Value,
)
from controlllm_planner.task import Attachment, Request, TaskId
from controlllm_tools.card import ToolCard
from controlllm_tools.perform import Product
from controlllm_tools.resources import MediaFacts, Resource, ResourceType

GOAL = "make a collage, a title\nand say it, 'please' \N{GRINNING FACE}"

CARDS = {
    card.name: card
    for card in (
        worlds.card("stills", "video:video seconds:number?", "frames:image*", "Take stills."),
        worlds.card("collage", "pictures:image*", "image:image", "Arrange pictures."),
        worlds.card("stack", "pictures:image*", "image:image", "Stack.", licence="MIT"),
        worlds.card("make_title", "text:text", "title:text.title", "Write a title."),
        worlds.card("speak", "text:text", "speech:audio", "Read aloud."),
        worlds.card("shout", "text:text", "speech:audio", "Read very loud."),
    )
}


@dataclass(frozen=True, slots=True)
class EventfulRun:
    """The run, where it is stored, and what was in it."""

    store: SqlStore
    artifacts: ArtifactStore
    run_id: RunId
    plan: Plan
    clip: Resource
    notes: Resource
    frames: tuple[Resource, ...]
    stacked: Resource
    title: Resource

    def path_of(self, resource: Resource) -> Path | None:
        return None if resource.text is not None else self.artifacts.path(resource.sha256)


def planned_step(name: str, tool: str, *inputs: tuple[str, Binding]) -> PlanStep:
    card = CARDS[tool]
    return PlanStep(
        id=StepId(name),
        task=TaskId("t1"),
        tool=tool,
        version=card.version,
        card_hash=card.card_hash,
        inputs=tuple((port, (binding,)) for port, binding in inputs),
        outputs=tuple(
            StepOutput(name=port.name, type=port.resource_type, many=port.many)
            for port in card.outputs
        ),
        after=tuple(StepId(b.step) for _, b in inputs if isinstance(b, FromStep)),
        estimate=Estimate(),
        timeout_s=60.0,
    )


def place(step: str, port: str) -> FromStep:
    return FromStep(StepId(step), port)


def make_plan(clip: Resource, notes: Resource) -> Plan:
    stack = planned_step("s2b", "stack", ("pictures", place("s1", "frames")))
    slow = planned_step("s1b", "stills", ("seconds", Value(9, "number")))
    return Plan(
        goal=GOAL,
        resources=tuple(
            PlanResource(name=each.name, type=each.type, sha256=each.sha256)
            for each in (clip, notes)
        ),
        steps=(
            planned_step(
                "s1",
                "stills",
                ("video", FromResource(clip.name)),
                ("seconds", Value(3, "number")),
            ),
            planned_step("s2", "collage", ("pictures", place("s1", "frames"))),
            planned_step("s3", "make_title", ("text", FromResource(notes.name))),
            planned_step("s4", "speak", ("text", place("s3", "title"))),
            planned_step("s5", "shout", ("text", place("s3", "title"))),
        ),
        outputs=(place("s2", "image"), place("s3", "title"), place("s4", "speech")),
        estimate=Estimate(),
        alternatives=(
            Alternative(
                task=TaskId("t1"),
                steps=(stack,),
                replaces=((place("s2", "image"), place("s2b", "image")),),
                cost=2.0,
            ),
            Alternative(
                task=TaskId("t1"),
                steps=(slow,),
                replaces=((place("s1", "frames"), place("s1b", "frames")),),
                cost=3.0,
            ),
        ),
        seed=5,
    )


def eventful_run(folder: Path) -> EventfulRun:
    """Write the run into a new record in a folder."""
    store = SqlStore(open_engine(f"sqlite:///{folder}/record.db"), now_s=lambda: 0.0, lease_s=15.0)
    artifacts = ArtifactStore(folder / "artifacts")

    def stored(content: bytes, name: str, type_: str, mime: str) -> Resource:
        path = folder / "made"
        path.write_bytes(content)
        kind = ResourceType(type_)
        product = Product(port="out", index=0, type=kind, mime=mime, path=path, name=name)
        return artifacts.store_product(product)

    clip = replace(
        stored(b"a clip", "my clip.mp4", "video", "video/mp4"),
        facts=MediaFacts(duration_s=9.5),
        caption="9.5 s",
    )
    notes = histories.text("Some notes with ä \u0000.", name="notes.txt")
    frames = tuple(
        stored(content, f"{number}.png", "image", "image/png")
        for number, content in enumerate((b"frame a", b"frame b", b"frame a"))
    )
    stacked = replace(frames[1], name="stacked.png", caption="the second one")
    title = histories.text("A title", name="title.txt", type_="text.title")
    told = EventfulRun(
        store=store,
        artifacts=artifacts,
        run_id=RunId(""),
        plan=make_plan(clip, notes),
        clip=clip,
        notes=notes,
        frames=frames,
        stacked=stacked,
        title=title,
    )
    return replace(told, run_id=_write(told))


def _write(told: EventfulRun) -> RunId:
    store, plan = told.store, told.plan
    attachments = tuple(
        Attachment(name=each.name, type=each.type, resource=each)
        for each in (told.clip, told.notes)
    )
    claim = accept(store, Request(text=GOAL, attachments=attachments), plan, CARDS.values())
    seconds = Resource.of_value("number", 3)
    claim = add(
        store,
        claim,
        begun("s1", "stills", (*used("video", told.clip), *used("seconds", seconds))),
        histories.succeeded("s1", "frames", *told.frames),
        begun("s2", "collage", used("pictures", *told.frames)),
        failed("s2", "tool_failed", "too many pictures"),
        lambda stamp: StepSubstituted(
            stamp=stamp, step="s2", task="t1", alternative=0, steps=("s2b",)
        ),
        begun("s2b", "stack", used("pictures", *told.frames)),
        histories.succeeded("s2b", "image", told.stacked),
        taken("s3", "make_title", used("text", told.notes), (("title", (told.title,)),)),
        begun("s4", "speak", used("text", told.title), attempt=2),
        failed("s4", "invalid_input", "no voice \x1b[31m speaks this"),
        begun("s5", "shout", used("text", told.title)),
        finished("partial"),
    )
    return claim.run_id


def begun(step: str, tool: str, inputs: Used, attempt: int = 1) -> histories.Make:
    card: ToolCard = CARDS[tool]
    return lambda stamp: StepStarted(
        stamp=stamp,
        step=step,
        attempt=attempt,
        tool=tool,
        card_hash=card.card_hash,
        key=digest(step),
        inputs=inputs,
    )


def taken(step: str, tool: str, inputs: Used, outputs: Outputs) -> histories.Make:
    return lambda stamp: StepCached(
        stamp=stamp,
        step=step,
        tool=tool,
        card_hash=CARDS[tool].card_hash,
        key=digest(step),
        inputs=inputs,
        outputs=outputs,
        from_run="run-0",
        from_step="s8",
    )


def failed(step: str, error: str, message: str) -> histories.Make:
    return lambda stamp: StepFailed(stamp=stamp, step=step, error=error, message=message)


STARTED_AT, FINISHED_AT = at(1), at(14)
