"""Where an artefact comes from, and what was made from it.

Walks the links of the record. Links are legal only between a step and an artefact (see
`tables.py`), and a step reads only what was there when it began, so the graph is acyclic and every
walk ends. O(links met).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from controlllm.events import RunId
from controlllm.provenance.queries import Queries
from controlllm.records import FROM_PERSON, LinkRecord, StepRecord
from controlllm_tools.resources import Resource

Place = tuple[str, str, int]
"""Step, port and position of a link that made an artefact."""

_BEFORE_ALL_STEPS = 0


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
    """Questions about origins and uses; reads each run once."""

    def __init__(self, record: Queries) -> None:
        self._record = record
        self._runs: dict[RunId, RunLinks] = {}

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
        if not made:
            return None
        # what a step made tells more than what a person handed over
        first = min(made, key=lambda link: (link.step == FROM_PERSON, link.run_id))
        of_run = self._of_run(first.run_id)
        maker = of_run.maker(sha256)
        return _unfold(maker, of_run, set()) if maker else None

    def of_results(self, run_id: RunId, results: Iterable[Resource]) -> list[Origin]:
        """The trees of several artefacts of a run; what one tells the next ones do not repeat."""
        of_run = self._of_run(run_id)
        makers = (of_run.maker(result.sha256) for result in results)
        seen: set[Place] = set()
        return [_unfold(maker, of_run, seen) for maker in makers if maker]

    def down(self, sha256: str) -> tuple[Use, ...]:
        """The steps of all runs that read an artefact, once for each port."""
        links = self._record.links_of_artifact(sha256)
        read = ((each.run_id, each.step, each.port) for each in links if each.direction == "used")
        return tuple(self._use(*place) for place in dict.fromkeys(read))

    def _use(self, run_id: RunId, step: str, port: str) -> Use:
        of_run = self._of_run(run_id)
        made = tuple(each.resource for each in of_run.made[step])
        return Use(step=of_run.steps[step], port=port, made=made)

    def _of_run(self, run_id: RunId) -> RunLinks:
        if run_id not in self._runs:
            self._runs[run_id] = RunLinks.read(self._record, run_id)
        return self._runs[run_id]


def _lists() -> defaultdict[str, list[LinkRecord]]:
    return defaultdict(list)


@dataclass(frozen=True, slots=True)
class RunLinks:
    """The links of one run, by what is asked for.

    Attributes:
        steps: The steps that were begun, in that order.
        used: What each step read.
        made: What each step made; under `FROM_PERSON`, what was handed over.
        makers: The made links of each content.
    """

    steps: dict[str, StepRecord]
    used: defaultdict[str, list[LinkRecord]] = field(default_factory=_lists)
    made: defaultdict[str, list[LinkRecord]] = field(default_factory=_lists)
    makers: defaultdict[str, list[LinkRecord]] = field(default_factory=_lists)

    @classmethod
    def read(cls, record: Queries, run_id: RunId) -> RunLinks:
        """The links of a run, as the record has them now."""
        links = cls({each.step: each for each in record.steps(run_id)})
        for link in record.links_of_run(run_id):
            if link.direction == "used":
                links.used[link.step].append(link)
            else:
                links.made[link.step].append(link)
                links.makers[link.resource.sha256].append(link)
        return links

    def maker(self, sha256: str, before: float = float("inf")) -> LinkRecord | None:
        """The link by which a content last came into the run before some event.

        A tool may hand its input on unchanged, so that several steps made the same content; each
        step read what was there when it began.
        """
        there = [link for link in self.makers[sha256] if self._made_at(link) < before]
        return max(there, key=self._made_at, default=None)

    def sources(self, step: StepRecord) -> Iterator[tuple[LinkRecord, LinkRecord]]:
        """Everything that a step read, each with the link by which it came into the run."""
        for used in self.used[step.step]:
            source = self.maker(used.resource.sha256, step.begun_seq)
            if source is not None:
                yield used, source

    def _made_at(self, link: LinkRecord) -> int:
        if link.step == FROM_PERSON:
            return _BEFORE_ALL_STEPS
        return self.steps[link.step].ended_seq or _BEFORE_ALL_STEPS


@dataclass(slots=True)
class _Unfolding:
    """An origin whose inputs are being collected; `reader_port` is where it is read."""

    link: LinkRecord
    reader_port: str
    step: StepRecord | None
    told: bool
    waiting: Iterator[tuple[LinkRecord, LinkRecord]]
    inputs: list[tuple[str, Origin]] = field(default_factory=list)

    def finished(self) -> Origin:
        return Origin(
            resource=self.link.resource,
            run_id=self.link.run_id,
            step=self.step,
            port=self.link.port,
            inputs=tuple(self.inputs),
            told=self.told,
        )


def _unfold(root: LinkRecord, of_run: RunLinks, seen: set[Place]) -> Origin:
    """The tree above a link; a chain may be longer than Python's stack is deep."""

    def begin(reader_port: str, link: LinkRecord) -> _Unfolding:
        step = of_run.steps.get(link.step)
        place = (link.step, link.port, link.position)
        told = step is None or place not in seen
        seen.add(place)
        waiting = of_run.sources(step) if step is not None and told else iter(())
        return _Unfolding(link, reader_port, step, told, waiting)

    stack = [begin("", root)]
    while True:
        top = stack[-1]
        following = next(top.waiting, None)
        if following is not None:
            used, source = following
            stack.append(begin(used.port, source))
            continue
        origin = stack.pop().finished()
        if not stack:
            return origin
        stack[-1].inputs.append((top.reader_port, origin))
