"""The story of a run as a Provenance Run Crate (Workflow Run RO-Crate, profile 0.5).

    plan                     File, SoftwareSourceCode, ComputationalWorkflow and HowTo at once
    step of the plan         HowToStep; only steps that were begun, the profile has no others
    tool                     SoftwareApplication, with a FormalParameter for each port in use
    step that was run        CreateAction of the tool, and a ControlAction that points to the
                             HowToStep
    run                      CreateAction of the plan; the engine's OrganizeAction holds it together
    artefact                 File; a number, a truth value or words of the request are a
                             PropertyValue

Who reads from whom is a ParameterConnection between the ports.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from rocrate.model import ComputerLanguage, Entity
from rocrate.rocrate import ROCrate

from controlllm.provenance.crate_parts import (
    CrateParts,
    PathOf,
    content_facts,
    entity_id,
    one_or_list,
)
from controlllm.provenance.story import RunStory
from controlllm.records import FROM_PERSON, SPOKEN, LinkRecord, StepRecord

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/provenance/0.5": ("Provenance Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
_TERMS = "https://w3id.org/ro/terms/workflow-run/context"
_WORKFLOW_PROFILE = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
_DONE = {"succeeded", "cached"}
_UNDER_WAY = {"running", "waiting"}

_RIGHTS = (
    "A file that was handed over belongs to whom it belonged before; what a tool made is subject to"
    " the licence stated at the tool."
)


def run_crate(story: RunStory, path_of: PathOf, engine_version: str) -> ROCrate:
    """Tell the story of a run as a crate, which can then be written to a folder.

    Args:
        story: Of the run.
        path_of: The stored file of an artefact; None when it is inline.
        engine_version: Version of this program.

    Raises:
        ArtifactLost: A stored file is gone.
    """
    return _Packer(story, path_of).pack(engine_version)


class _Packer:
    """Adds the entities of one story to one crate."""

    def __init__(self, story: RunStory, path_of: PathOf) -> None:
        self._story = story
        self._crate = ROCrate(version="1.1")
        self._crate.metadata.extra_contexts.append(_TERMS)
        self._parts = CrateParts(self._crate, path_of)
        self._person = self._parts.add("#person", "Person", name="the person who asked")
        self._tools: dict[str, Entity] = {}

    def pack(self, engine_version: str) -> ROCrate:
        """Tell everything; returns the crate."""
        self._tell_root()
        plan = self._tell_plan()
        for step in self._story.steps:
            if step.card_hash not in self._tools:
                self._tools[step.card_hash] = self._tell_tool(step)
        plan["hasPart"] = one_or_list(self._tools.values())
        self._tell_given(plan)
        self._tell_readme()
        steps = [self._tell_step(step) for step in self._story.steps]
        plan["step"] = one_or_list(how_to for how_to, _, _ in steps)
        run = self._tell_run(plan, engine_version, [control for _, control, _ in steps])
        self._tell_outputs(plan)
        self._crate.root_dataset["mentions"] = [run, *(action for _, _, action in steps)]
        self._parts.settle()
        return self._crate

    def _tell_root(self) -> None:
        run, root = self._story.run, self._crate.root_dataset
        root["name"] = f"Run {run.id}"
        root["description"] = run.goal
        root["datePublished"] = _time(run.finished_at or run.created_at)
        root["author"] = self._person
        root["license"] = self._parts.add(
            "#rights", "CreativeWork", name="Rights in the files", description=_RIGHTS
        )
        root["conformsTo"] = [
            self._parts.add(url, "CreativeWork", name=name, version=version)
            for url, (name, version) in PROFILES.items()
        ]

    def _tell_plan(self) -> Entity:
        plan = self._story.plan
        content = json.dumps({**plan.to_json(), "digest": plan.digest}, indent=1).encode()
        language = self._crate.add(
            ComputerLanguage(self._crate, "#plan-language", properties={"name": "ControlLLM plan"})
        )
        about = {
            "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
            "name": f"Plan {plan.digest[:12]}",
            "description": plan.goal,
            "version": plan.digest,
            "conformsTo": {"@id": _WORKFLOW_PROFILE},
            **content_facts(content, "application/json"),
        }
        return self._crate.add_workflow(
            BytesIO(content), "plan.json", main=True, lang=language, properties=about
        )

    def _tell_readme(self) -> None:
        """The same in words, for people who open the folder."""
        run, state = self._story.run, self._story.run.state
        lines = [
            f"# Run {run.id}",
            "",
            *(f"> {line}" for line in run.goal.splitlines()),
            "",
            f"Accepted {_time(run.created_at)}, {state}. What came of it:",
            "",
            *(f"- {self._words_for(link)}" for link in self._story.outputs),
            "",
            "`plan.json` is the plan that was run, `artifacts` holds every file that a step read or"
            " made, by its sha256, and `ro-crate-metadata.json` tells how they hang together.",
        ]
        content = "\n".join(lines).encode()
        about = {"about": self._crate.root_dataset, **content_facts(content, "text/markdown")}
        self._crate.add_file(BytesIO(content), "README.md", properties=about)

    def _words_for(self, link: LinkRecord) -> str:
        data = self._parts.data(link)
        return f"{link.port}: {data['value']}" if "value" in data else f"[{link.port}]({data.id})"

    def _tell_tool(self, step: StepRecord) -> Entity:
        card = self._story.cards.get(step.card_hash, {})
        return self._parts.add(
            entity_id("tool", step.tool, step.card_hash[:12]),
            "SoftwareApplication",
            name=step.tool,
            softwareVersion=step.version,
            identifier=step.card_hash,
            description=card.get("summary"),
            license=card.get("licence"),
        )

    def _tell_given(self, plan: Entity) -> None:
        """What the person handed over, each thing as a parameter of the plan."""
        for link in self._story.given:
            port = entity_id("plan", "in", link.port)
            self._parts.parameter(port, link.port.removeprefix(SPOKEN), plan, "input")
            self._parts.give_example(port, self._parts.data(link))

    def _tell_step(self, step: StepRecord) -> tuple[Entity, Entity, Entity]:
        """The step as planned, as controlled by the engine, and as run by its tool."""
        sources = list(self._story.links.sources(step))
        action = self._tell_action(step, sources)
        how_to = self._parts.add(
            entity_id("step", step.step),
            "HowToStep",
            name=f"{step.step}: {step.tool}",
            position=str(list(self._story.links.steps).index(step.step) + 1),
            workExample=self._tools[step.card_hash],
            connection=one_or_list(self._connection(used, source) for used, source in sources),
        )
        control = self._parts.add(
            entity_id("control", step.step),
            "ControlAction",
            name=f"ControlLLM ran {step.step}",
            instrument=how_to,
            object=action,
            **_outcome(step.state, step.message),
        )
        return how_to, control, action

    def _tell_action(
        self, step: StepRecord, sources: Sequence[tuple[LinkRecord, LinkRecord]]
    ) -> Entity:
        read = []
        for used, source in sources:
            read.append(self._parts.data(source))
            self._parts.give_example(self._tool_port(used), read[-1])
        made = []
        for link in self._story.links.made[step.step]:
            made.append(self._parts.data(link))
            self._parts.give_example(self._tool_port(link), made[-1])
        taken = f", taken from step {step.cached_step} of run {step.cached_run}"
        attempts = f", attempt {step.attempts}" if step.attempts > 1 else ""
        return self._parts.add(
            entity_id("action", step.step),
            "CreateAction",
            name=f"{step.step}: {step.tool}",
            description=f"{step.tool} {step.version}{taken if step.cached_run else attempts}",
            identifier=step.key,
            instrument=self._tools[step.card_hash],
            agent=self._person,
            object=one_or_list(read),
            result=one_or_list(made),
            startTime=_time(step.started_at or step.finished_at),
            endTime=_time(step.finished_at or self._story.run.finished_at),
            **_outcome(step.state, step.message),
        )

    def _tell_run(self, plan: Entity, engine_version: str, controls: list[Entity]) -> Entity:
        story, run = self._story, self._story.run
        when = {"startTime": _time(run.created_at), "endTime": _time(run.finished_at)}
        told = self._parts.add(
            "#run",
            "CreateAction",
            name=f"Run {run.id}",
            description=run.goal,
            identifier=run.id,
            instrument=plan,
            agent=self._person,
            object=one_or_list(self._parts.data(link) for link in story.given),
            result=one_or_list(self._parts.data(link) for link in story.outputs),
            **when,
            **_outcome(run.state, f"the run ended as {run.state}"),
        )
        engine = self._parts.add(
            "#engine", "SoftwareApplication", name="ControlLLM", softwareVersion=engine_version
        )
        self._parts.add(
            "#engine-run",
            "OrganizeAction",
            name=f"ControlLLM executed run {run.id}",
            instrument=engine,
            agent=self._person,
            object=one_or_list(controls),
            result=told,
            **when,
            **_outcome(run.state, f"the run ended as {run.state}"),
        )
        return told

    def _tell_outputs(self, plan: Entity) -> None:
        connections = []
        for link in self._story.outputs:
            port = entity_id("plan", "out", link.step, link.port)
            self._parts.parameter(port, link.port, plan, "output")
            self._parts.give_example(port, self._parts.data(link))
            connections.append(self._parts.connect(self._tool_port(link), port))
        if connections:
            plan["connection"] = one_or_list(connections)

    def _connection(self, used: LinkRecord, source: LinkRecord) -> Entity:
        from_person = source.step == FROM_PERSON
        given = entity_id("plan", "in", source.port) if from_person else self._tool_port(source)
        return self._parts.connect(given, self._tool_port(used))

    def _tool_port(self, link: LinkRecord) -> str:
        """The parameter of the tool on whose port a link lies; made when it is first asked for."""
        step = self._story.links.steps[link.step]
        way = "input" if link.direction == "used" else "output"
        port = entity_id("tool", step.tool, step.card_hash[:12], way, link.port)
        card = self._story.cards.get(step.card_hash, {})
        about: dict[str, Any] = next(
            (p for p in card.get(f"{way}s", ()) if p["name"] == link.port), {}
        )
        self._parts.parameter(
            port,
            link.port,
            self._tools[step.card_hash],
            way,
            description=about.get("description"),
            valueRequired=not about.get("optional", False),
        )
        return port


def _outcome(state: str, message: str | None) -> dict[str, str]:
    """How an action ended; nothing while it is under way."""
    if state in _UNDER_WAY:
        return {}
    if state in _DONE:
        return {"actionStatus": "http://schema.org/CompletedActionStatus"}
    return {"actionStatus": "http://schema.org/FailedActionStatus", "error": message or state}


def _time(at: str | None) -> str | None:
    """A time as the profile wants it: milliseconds at most, and `+00:00`."""
    if at is None:
        return None
    return datetime.fromisoformat(at).astimezone(UTC).isoformat(timespec="milliseconds")
