"""Live progress of a run: a bar a step, elapsed against estimate. Nothing on a dumb terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from controlllm.cli.show import messages, seconds_words
from controlllm.events import (
    BudgetExhausted,
    Cancelled,
    Resumed,
    RunEvent,
    StepCached,
    StepFailed,
    StepProgressed,
    StepRetried,
    StepSkipped,
    StepStarted,
    StepSubstituted,
    StepSucceeded,
)
from controlllm_tools.resources import printable

if TYPE_CHECKING:  # only a name in an annotation
    from controlllm_planner.plan import Plan

_DONE = 100.0
_NOTE_LIMIT_CHARS = 80


@contextmanager
def live_progress(plan: Plan, *, shown: bool) -> Iterator[Callable[[RunEvent], None]]:
    """A watcher that draws what happens.

    Args:
        plan: Whose steps are shown.
        shown: Whether to draw at all.
    """
    if not shown:
        yield lambda _event: None
        return
    progress = Progress(
        TextColumn("{task.fields[state]}"),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        TextColumn("of about {task.fields[estimate]}", style="dim", markup=False),
        TextColumn("{task.fields[note]}", style="dim", markup=False),
        console=messages,
        transient=False,
    )
    with progress:
        yield _Bars(progress, plan).watch


@contextmanager
def reading_bar() -> Iterator[Callable[[int, int], None]]:
    """What to tell how many of how many texts of a catalogue are read; drawn once it is told."""
    with ExitStack() as stack:
        drawn: list[tuple[Progress, TaskID]] = []

        def told(done: int, total: int) -> None:
            if not messages.is_terminal:
                return
            if not drawn:
                columns = (
                    TextColumn("{task.description}"),
                    BarColumn(bar_width=24),
                    TimeElapsedColumn(),
                )
                bar = Progress(*columns, console=messages, transient=True)
                stack.enter_context(bar)
                drawn.append((bar, bar.add_task("reading the catalogue, once", total=total)))
            (bar, task), *_ = drawn
            bar.update(task, completed=done)

        yield told


class _Bars:
    """One bar a step, made when the step first does something."""

    def __init__(self, progress: Progress, plan: Plan) -> None:
        self._progress = progress
        every = [*plan.steps, *(step for other in plan.alternatives for step in other.steps)]
        self._estimates: dict[str, float] = {s.id: s.estimate.seconds for s in every}
        self._tools: dict[str, str] = {step.id: step.tool for step in every}
        self._bars: dict[str, TaskID] = {}

    def watch(self, event: RunEvent) -> None:
        match event:
            case StepStarted():
                self._tools[event.step] = event.tool
                note = f"attempt {event.attempt}" if event.attempt > 1 else ""
                self._show(event.step, "[yellow]…[/]", note=note)
            case StepProgressed():
                self._show(event.step, "[yellow]…[/]", event.fraction * _DONE, event.message)
            case StepSucceeded():
                took = f"took {seconds_words(event.seconds)}"
                self._show(event.step, "[green]✓[/]", _DONE, took, stop=True)
            case StepCached():
                self._show(event.step, "[green]✓[/]", _DONE, "done before", stop=True)
            case StepFailed():
                self._show(event.step, "[red]✗[/]", note=event.message, stop=True)
            case StepRetried():
                self._show(event.step, "[yellow]↻[/]", 0.0, event.message)
            case StepSkipped():
                self._show(event.step, "[dim]-[/]", note=f"because of {event.because}", stop=True)
            case _:
                self._announce(event)

    @staticmethod
    def _announce(event: RunEvent) -> None:
        match event:
            case StepSubstituted():
                told = f"task {event.task}: another way takes over after {event.step}"
                messages.print(told, markup=False)
            case BudgetExhausted():
                used = f"{event.used:g} of {event.limit:g}"
                messages.print(f"budget {event.budget} is used up: {used}", markup=False)
            case Cancelled():
                messages.print("cancelled")
            case Resumed():
                messages.print("[dim]taking up where the last process stopped[/]")
            case _:
                pass

    def _show(
        self,
        step: str,
        state: str,
        completed: float | None = None,
        note: str = "",
        *,
        stop: bool = False,
    ) -> None:
        if step not in self._bars:
            name = f"{step} {self._tools.get(step, '')}"
            estimate = seconds_words(self._estimates.get(step, 0.0))
            self._bars[step] = self._progress.add_task(
                name, total=_DONE, state=state, estimate=estimate, note=""
            )
        note = printable(note, _NOTE_LIMIT_CHARS)
        bar = self._bars[step]
        self._progress.update(bar, completed=completed, state=state, note=note)
        if stop:
            self._progress.stop_task(bar)
