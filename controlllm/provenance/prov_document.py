"""The story of a run in the terms of W3C PROV.

run, step                activity; a step was informed by its run, and by the step of another
                         run whose result it took
artefact, plan           entity; what a step made on a port is an entity of its own, a
                         specialisation of its content, because several steps may make the
                         same bytes and PROV lets an entity be generated once
tool, engine, person     agent; tools act for the engine, the engine for the person
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from prov.constants import PROV_LABEL, PROV_ROLE, PROV_TYPE
from prov.identifier import QualifiedName
from prov.model import ProvDocument

from controlllm.provenance.story import RunStory
from controlllm.records import FROM_PERSON, LinkRecord, StepRecord
from controlllm_tools.resources import Resource

NAMESPACE = "urn:controlllm:"

Attributes = Iterable[tuple[Any, Any]]


def prov_document(story: RunStory) -> ProvDocument:
    """Tell the story of a run in PROV."""
    return _Teller(story).tell()


class _Teller:
    def __init__(self, story: RunStory) -> None:
        self._story = story
        self._document = ProvDocument()
        self._ours = self._document.add_namespace("c", NAMESPACE)
        self._run = self._name("run", story.run.id)
        self._plan = self._name("plan", story.plan.digest)
        self._person = self._name("person")
        self._engine = self._name("engine")

    def tell(self) -> ProvDocument:
        self._tell_agents()
        self._tell_run()
        for link in self._story.given:
            self._tell_made(link)
            self._document.wasAttributedTo(self._place(link), self._person)
        for step in self._story.steps:
            self._tell_step(step)
        return self._document

    def _tell_agents(self) -> None:
        document, software = self._document, self._document.valid_qualified_name
        document.agent(self._person, {PROV_TYPE: software("prov:Person")})
        engine = {PROV_TYPE: software("prov:SoftwareAgent"), PROV_LABEL: "ControlLLM"}
        document.agent(self._engine, engine)
        document.actedOnBehalfOf(self._engine, self._person)
        for step in {each.card_hash: each for each in self._story.steps}.values():
            card = self._story.cards.get(step.card_hash, {})
            about = (
                (PROV_TYPE, software("prov:SoftwareAgent")),
                (PROV_LABEL, step.tool),
                (self._ours["version"], step.version),
                (self._ours["card_sha256"], step.card_hash),
                (self._ours["licence"], card.get("licence")),
            )
            document.agent(self._tool(step), _known(about))
            document.actedOnBehalfOf(self._tool(step), self._engine)

    def _tell_run(self) -> None:
        document, run, plan = self._document, self._story.run, self._story.plan
        about = ((PROV_LABEL, run.goal), (self._ours["state"], run.state))
        document.activity(self._run, run.created_at, run.finished_at, _known(about))
        kind = document.valid_qualified_name("prov:Plan")
        seed = (self._ours["seed"], plan.seed)
        document.entity(self._plan, [(PROV_TYPE, kind), (self._ours["sha256"], plan.digest), seed])
        document.wasAssociatedWith(self._run, self._engine, self._plan)

    def _tell_step(self, step: StepRecord) -> None:
        document, activity = self._document, self._step(self._story.run.id, step.step)
        about = (
            (PROV_LABEL, f"{step.step} {step.tool}"),
            *((self._ours[name], getattr(step, name)) for name in _STEP_FACTS),
        )
        begun = step.started_at or step.finished_at
        document.activity(activity, begun, step.finished_at, _known(about))
        document.wasAssociatedWith(activity, self._tool(step), self._plan)
        document.wasInformedBy(activity, self._run)
        if step.cached_run and step.cached_step:
            source = self._step(step.cached_run, step.cached_step)
            document.activity(source)
            document.wasInformedBy(activity, source)
        self._tell_data(step, activity)

    def _tell_data(self, step: StepRecord, activity: QualifiedName) -> None:
        document = self._document
        sources = list(self._story.links.sources(step))
        for used, source in sources:
            document.used(activity, self._place(source), other_attributes=_role(used))
        for link in self._story.links.made[step.step]:
            self._tell_made(link)
            made = self._place(link)
            document.wasGeneratedBy(made, activity, step.finished_at, other_attributes=_role(link))
            for read in dict.fromkeys(self._place(source) for _, source in sources):
                document.wasDerivedFrom(made, read, activity)

    def _tell_made(self, link: LinkRecord) -> None:
        resource = link.resource
        content = self._name("content", resource.sha256)
        if not self._document.get_record(content):
            about = (
                (self._ours["sha256"], resource.sha256),
                (self._ours["size_bytes"], resource.size_bytes),
                (self._ours["text"], resource.text),
            )
            self._document.entity(content, _known(about))
        self._document.entity(self._place(link), _known(self._called(resource)))
        self._document.specializationOf(self._place(link), content)

    def _called(self, resource: Resource) -> Attributes:
        """What the maker of an artefact says of it."""
        yield PROV_TYPE, str(resource.type)
        yield PROV_LABEL, resource.name or None
        yield self._ours["mime"], resource.mime
        yield self._ours["caption"], resource.caption or None
        for name, value in resource.facts.known().items():
            yield self._ours[name], value

    def _place(self, link: LinkRecord) -> QualifiedName:
        if link.step == FROM_PERSON:
            return self._name("given", self._story.run.id, link.port, str(link.position))
        return self._name("made", self._story.run.id, link.step, link.port, str(link.position))

    def _step(self, run_id: str, step: str) -> QualifiedName:
        return self._name("step", run_id, step)

    def _tool(self, step: StepRecord) -> QualifiedName:
        return self._name("tool", step.tool, step.card_hash)

    def _name(self, *parts: str) -> QualifiedName:
        """A name from parts; what has a meaning in names and paths is escaped inside of a part."""
        return self._ours["/".join(quote(part, safe="") for part in parts)]


_STEP_FACTS = ("state", "attempts", "key", "seconds", "error", "message")


def _role(link: LinkRecord) -> dict[Any, str]:
    return {PROV_ROLE: f"{link.port}[{link.position}]"}


def _known(attributes: Attributes) -> list[tuple[Any, Any]]:
    return [(name, value) for name, value in attributes if value is not None]
