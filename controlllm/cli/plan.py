"""`controlllm plan` and `controlllm solve`: plans without running, one or a whole batch."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from controlllm.cli.exits import DONE, FAILED
from controlllm.cli.run import Allow, Deny, Files, Prefer, Seed, make_constraints
from controlllm.cli.session import (
    AllTools,
    Json,
    RegistryFile,
    make_request,
    planner_of,
    service,
    settings_with,
)

if TYPE_CHECKING:  # only names in annotations
    from controlllm_planner.plan import Plan
    from controlllm_planner.planner import Planner
    from controlllm_planner.reasoning.story import WishStory
    from controlllm_planner.task import Request
    from controlllm_planner.trace import Trace

OptionalText = Annotated[str | None, typer.Argument(help="What you want, in words.")]
Batch = Annotated[
    Path | None, typer.Option("--batch", help="JSON lines to read instead of one request.")
]
BatchOut = Annotated[Path | None, typer.Option("--out", help="File for the batch's answers.")]
Save = Annotated[Path | None, typer.Option("--save", help="File to write the plan to.")]
Explain = Annotated[bool, typer.Option("--explain", help="Show why each tool was chosen or not.")]
PlannerName = Annotated[str, typer.Option("--planner", help="matching or auto.")]
Strategy = Annotated[str, typer.Option("--strategy", help="Search strategy.")]
Solutions = Annotated[int, typer.Option("--k", min=1, max=100, help="Solutions to look for.")]

PLANNERS = ("matching", "auto")
"""`auto` is the best one that is configured; without a language model that is `matching`."""


def plan(
    text: OptionalText = None,
    files: Files = None,
    batch: Batch = None,
    out: BatchOut = None,
    save: Save = None,
    explain: Explain = False,
    planner: PlannerName = "auto",
    seed: Seed = 0,
    prefer: Prefer = "balanced",
    allow: Allow = None,
    deny: Deny = None,
    all_tools: AllTools = False,
    registry: RegistryFile = None,
    as_json: Json = False,
) -> None:
    """Show the plan for a request, with its price, and run nothing."""
    if planner not in PLANNERS:
        msg = f"--planner takes one of {', '.join(PLANNERS)}, not {planner!r}"
        raise typer.BadParameter(msg)
    _check_combination(text, batch, out, one_only=save is not None or explain)
    constraints = make_constraints(seed=seed, prefer=prefer, allow=allow, deny=deny, budget={})
    if batch is not None:
        from controlllm.batch import plan_line

        made = planner_of(registry, all_tools=all_tools)
        _run_batch(batch, out, lambda data: plan_line(made, data, constraints))
        return
    with service(registry) as opened:
        request = make_request(opened, text or "", files or [], constraints)
        if all_tools:
            # it may not run here, so it is not kept for `run --plan`
            made = planner_of(registry, all_tools=True)
            trace = made.trace(request)
        else:
            made, trace = opened.planner, opened.trace(request)
        told = _stories(made, request, trace) if explain else ()
    made_plan = trace.plan
    _show_plan(made_plan, save, told, as_json=as_json)
    if not (as_json or all_tools):
        from controlllm.cli.show import console

        console.print(f"[dim]run it: controlllm run --plan {made_plan.digest[:12]} TEXT FILES[/]")


def _check_combination(
    text: str | None, batch: Path | None, out: Path | None, *, one_only: bool
) -> None:
    msg = ""
    if batch is not None and (text is not None or one_only):
        msg = "words, --save and --explain are for one request; leave them out with --batch"
    elif batch is None and text is None:
        msg = "say what you want, or give --batch"
    elif batch is None and out is not None:
        msg = "--out is for the answers of a --batch; keep one plan with --save"
    if msg:
        raise typer.BadParameter(msg)


def _stories(planner: Planner, request: Request, trace: Trace) -> Sequence[WishStory]:
    from controlllm_planner.reasoning.story import stories

    return stories(planner, request, trace)


def _show_plan(plan: Plan, save: Path | None, told: Sequence[WishStory], *, as_json: bool) -> None:
    from controlllm.cli.reasons import reason_lines
    from controlllm.cli.show import console, plan_notes, plan_summary, plan_table

    data = {**plan.to_json(), "digest": plan.digest}
    if save is not None:
        save.write_text(json.dumps(data, indent=1), encoding="utf-8")
    if as_json:
        print(
            json.dumps({**data, "reasons": [story.to_json() for story in told]} if told else data)
        )
        return
    console.print(plan_table(plan))
    for line in reason_lines(told):
        console.print(line, markup=False, soft_wrap=True)
    console.print(plan_summary(plan))
    plan_notes(console, plan)


def solve(
    batch: Annotated[Path, typer.Option("--batch", help="JSON lines, one task each.")],
    out: BatchOut = None,
    strategy: Strategy = "best_first",
    k: Solutions = 5,
    all_tools: AllTools = False,
    registry: RegistryFile = None,
) -> None:
    """Search solutions of tasks whose types are given; no words are taken apart."""
    from controlllm.app import STRATEGIES
    from controlllm.batch import solve_line

    if strategy not in STRATEGIES:
        msg = f"--strategy takes one of {', '.join(STRATEGIES)}, not {strategy!r}"
        raise typer.BadParameter(msg)
    made = planner_of(registry, all_tools=all_tools, strategy=strategy, solutions=k)
    _run_batch(batch, out, lambda data: solve_line(made, data))


def _run_batch(
    batch: Path, out: Path | None, answer: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    """Answer the lines of a file; fails when there is not one that has an answer."""
    from controlllm.batch import run_batch
    from controlllm.cli.log import log_to

    log_to(settings_with().log)
    try:
        # not splitlines: JSON may hold line separators of Unicode
        lines = batch.read_bytes().split(b"\n")
    except OSError as error:
        msg = f"cannot read {batch}: {error.strerror}"
        raise typer.BadParameter(msg) from error
    with out.open("w", encoding="ascii") if out else nullcontext(sys.stdout) as target:
        failed = []
        for each in run_batch(lines, answer):
            target.write(f"{json.dumps(each)}\n")
            failed.append(each["error"] is not None)
    raise typer.Exit(FAILED if failed and all(failed) else DONE)
