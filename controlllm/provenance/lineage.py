"""Where an artefact comes from, and what was made from it.

Walks the links of the record. Links are legal only between a step and an artefact (see
`tables.py`), a step's inputs exist before it starts and artefacts never change, so the graph is
acyclic and every walk ends. O(links met).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from controlllm.events import RunId
from controlllm.provenance.queries import Queries
from controlllm.records import FROM_PERSON, LinkRecord, StepRecord
from controlllm_tools.resources import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """An artefact with the step that made it and what that step read.

    Attributes:
        resource: The artefact.
        run_id: The run it was made or handed over in.
        step: The step; None when a person handed it over.
        port: Output port, or the name of the attachment.
        inputs: Port and origin of everything the step read.
        told: False when the same artefact was already unfolded elsewhere in the tree.
    """

    resource: Resource
    run_id: RunId
    step: StepRecord | None
    port: str
    inputs: tuple[tuple[str, Origin], ...] = ()
    told: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A step that read an artefact, and what it made."""

    step: StepRecord
    port: str
    made: tuple[Resource, ...]


class Lineage:
    """Questions about origins and uses."""

    def __init__(self, record: Queries) -> None:
        self._record = record
        self._steps: dict[RunId, dict[str, StepRecord]] = {}
        self._links: dict[RunId, list[LinkRecord]] = {}

    def up(self, sha256: str, run_id: RunId | None = None) -> Origin | None:
        """The tree of everything that went into an artefact.

        Args:
            sha256: The artefact.
            run_id: The run to tell of; by default the first one that made the artefact.

        Returns:
            The tree, or None when no run knows the artefact.
        """
        made = [
            link
            for link in self._record.links_of_artifact(sha256)
            if link.direction == "made" and run_id in (None, link.run_id)
        ]
        # what a step made tells more than what a person handed over
        made.sort(key=lambda link: (link.step == FROM_PERSON, link.run_id))
        return self._unfold(made[0], set()) if made else None

    def down(self, sha256: str) -> tuple[Use, ...]:
        """The steps of all runs that read an artefact."""
        return tuple(self._uses(sha256))

    def _uses(self, sha256: str) -> Iterator[Use]:
        for link in self._record.links_of_artifact(sha256):
            step = self._step(link.run_id, link.step)
            if link.direction == "used" and step is not None:
                made = self._of_step(link.run_id, link.step, "made")
                yield Use(step=step, port=link.port, made=tuple(each.resource for each in made))

    def _unfold(self, link: LinkRecord, seen: set[str]) -> Origin:
        step = self._step(link.run_id, link.step)
        told = link.resource.sha256 not in seen
        seen.add(link.resource.sha256)
        inputs = []
        if step is not None and told:
            for used in self._of_step(link.run_id, link.step, "used"):
                source = self._maker(used)
                if source is not None:
                    inputs.append((used.port, self._unfold(source, seen)))
        return Origin(
            resource=link.resource,
            run_id=link.run_id,
            step=step,
            port=link.port,
            inputs=tuple(inputs),
            told=told or step is None,
        )

    def _maker(self, used: LinkRecord) -> LinkRecord | None:
        """The link by which an input came into the same run."""
        made = [
            link
            for link in self._of_run(used.run_id)
            if link.direction == "made"
            and link.resource.sha256 == used.resource.sha256
            and link.step != used.step
        ]
        made.sort(key=lambda link: link.step == FROM_PERSON)
        return made[0] if made else None

    def _of_step(self, run_id: RunId, step: str, direction: str) -> list[LinkRecord]:
        return [
            link
            for link in self._of_run(run_id)
            if link.step == step and link.direction == direction
        ]

    def _of_run(self, run_id: RunId) -> list[LinkRecord]:
        if run_id not in self._links:
            self._links[run_id] = self._record.links_of_run(run_id)
        return self._links[run_id]

    def _step(self, run_id: RunId, step: str) -> StepRecord | None:
        if run_id not in self._steps:
            self._steps[run_id] = {each.step: each for each in self._record.steps(run_id)}
        return self._steps[run_id].get(step)
