"""Everything that the record knows of one run, read once; what exports are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from controlllm.errors import RunConflict
from controlllm.events import RunEvent, RunId, StepSubstituted
from controlllm.provenance.lineage import RunLinks
from controlllm.provenance.queries import Queries
from controlllm.records import FROM_PERSON, SPOKEN, LinkRecord, RunRecord, StepRecord
from controlllm_planner.plan import FromStep, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStory:
    """A run with its plan, steps, artefacts and tools.

    Attributes:
        run: The run.
        plan: Its plan, with the decisions taken for it.
        links: What its steps read and made.
        given: The attachments, and the values from the words of the request that a step read.
        cards: The cards of the tools that its steps used, by hash.
        outputs: The artefacts that were asked for and made, in the order of the plan's outputs.
    """

    run: RunRecord
    plan: Plan
    links: RunLinks
    given: tuple[LinkRecord, ...]
    cards: dict[str, dict[str, Any]]
    outputs: tuple[LinkRecord, ...]

    @classmethod
    def read(cls, record: Queries, run_id: RunId) -> RunStory:
        """The story of a run so far.

        Raises:
            RunNotFound: There is no such run.
            RunConflict: It has begun no step, so that there is nothing to tell.
        """
        run, plan = record.run(run_id), record.plan_of(run_id)
        links = RunLinks.read(record, run_id)
        if not links.steps:
            msg = f"run {run_id} has not begun any step; there is nothing to export yet"
            raise RunConflict(msg)
        found = {each.card_hash: record.card(each.card_hash) for each in links.steps.values()}
        cards = {card_hash: card for card_hash, card in found.items() if card is not None}
        return cls(
            run=run,
            plan=plan,
            links=links,
            given=tuple(_given(links)),
            cards=cards,
            outputs=tuple(_outputs(plan, links, record.events(run_id))),
        )

    @property
    def steps(self) -> tuple[StepRecord, ...]:
        """The steps that were begun, in that order."""
        return tuple(self.links.steps.values())


def _given(links: RunLinks) -> Iterator[LinkRecord]:
    """What was handed over; a plan also holds values for alternatives, which nobody may need."""
    read = {id(source) for step in links.steps.values() for _, source in links.sources(step)}
    for link in links.made[FROM_PERSON]:
        if id(link) in read or not link.port.startswith(SPOKEN):
            yield link


def _outputs(plan: Plan, links: RunLinks, events: list[RunEvent]) -> Iterator[LinkRecord]:
    """The artefacts that stand for the plan's outputs after all substitutions."""
    stand_ins: dict[FromStep, FromStep] = {}
    for event in events:
        if isinstance(event, StepSubstituted):
            stand_ins.update(plan.alternatives[event.alternative].replaces)
    for output in plan.outputs:
        place = stand_ins.get(output, output)
        yield from (each for each in links.made[place.step] if each.port == place.output)
