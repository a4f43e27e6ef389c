"""What a run tells the person in the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from controlllm.events import RunId, RunState
from controlllm_tools.resources import Resource

_TEXT_SHOWN_CHARS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One artefact that the person asked for."""

    resource: Resource
    step: str
    port: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """The end of a run, or how far it is.

    Attributes:
        run_id: The run.
        state: Its state.
        plan: Digest of its plan.
        deliveries: What was made of what was asked for.
        answer: The same in words.
    """

    run_id: RunId
    state: RunState
    plan: str
    deliveries: tuple[Delivery, ...]
    answer: str


def answer_of(
    state: RunState, deliveries: Sequence[Delivery], failures: Sequence[tuple[str, str]]
) -> str:
    """A short answer: texts as they are, files by name and handle, failures with their reason.

    Args:
        state: State of the run.
        deliveries: What was made.
        failures: Tool and message of every step that failed.
    """
    lines = [_OPENING[state]] if state != "succeeded" else []
    lines += [_told(each.resource) for each in deliveries]
    lines += [f"{tool} failed: {message}" for tool, message in failures]
    return "\n".join(lines)


_OPENING: dict[RunState, str] = {
    "running": "Not finished yet.",
    "partial": "Part of it could be done.",
    "failed": "It could not be done.",
    "cancelled": "It was cancelled.",
    "budget_exhausted": "A budget was used up; this is what was done before.",
}


def _told(resource: Resource) -> str:
    if resource.text is not None:
        shown = resource.text.strip()
        if len(shown) > _TEXT_SHOWN_CHARS:
            shown = shown[:_TEXT_SHOWN_CHARS] + "…"
        return shown
    about = resource.caption or str(resource.facts)
    return f"{resource.name} ({resource.handle}{': ' + about if about else ''})"
