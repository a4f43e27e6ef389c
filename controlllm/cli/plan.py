"""`controlllm plan` and `controlllm solve`: plans without running, one or a whole batch."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from controlllm.cli.run import Allow, Deny, Files, Prefer, Seed, make_constraints
from controlllm.cli.session import (
    AllTools,
    Json,
    RegistryFile,
    make_request,
    service,
    settings_with,
)

if TYPE_CHECKING:  # only names in annotations
    from controlllm_planner.plan import Plan
    from controlllm_planner.planner import Planner

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
    if batch is not None:
        from controlllm.batch import plan_line

        made = _planner(registry, all_tools=all_tools)
        _run_batch(batch, out, lambda data: plan_line(made, data))
        return
    if text is None:
        msg = "say what you want, or give --batch"
        raise typer.BadParameter(msg)
    constraints = make_constraints(seed=seed, prefer=prefer, allow=allow, deny=deny, budget={})
    with service(registry) as opened:
        request = make_request(opened, text, files or [], constraints)
        made_plan = opened.plan(request)
    _show_plan(made_plan, save, explain=explain, as_json=as_json)


def _show_plan(plan: Plan, save: Path | None, *, explain: bool, as_json: bool) -> None:
    from controlllm.cli.show import console, decision_table, plan_summary, plan_table

    data = {**plan.to_json(), "digest": plan.digest}
    if save is not None:
        save.write_text(json.dumps(data, indent=1), encoding="utf-8")
    if as_json:
        print(json.dumps(data))
        return
    console.print(plan_table(plan))
    console.print(plan_summary(plan))
    if explain:
        console.print(decision_table(plan.decisions))
    console.print(f"[dim]run it: controlllm run --plan {plan.digest[:12]} TEXT FILES[/]")


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
    made = _planner(registry, all_tools=all_tools, strategy=strategy, solutions=k)
    _run_batch(batch, out, lambda data: solve_line(made, data))


def _planner(registry: Path | None, **options: Any) -> Planner:  # noqa: ANN401 - passed on
    from controlllm.app import make_planner
    from controlllm_tools.registry import load_registry

    return make_planner(load_registry(settings_with(registry).registry), **options)


def _run_batch(
    batch: Path, out: Path | None, answer: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    from controlllm.batch import run_batch

    try:
        lines = batch.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"cannot read {batch}: {error}"
        raise typer.BadParameter(msg) from error
    answers = [json.dumps(each, ensure_ascii=False) for each in run_batch(lines, answer)]
    text = "".join(f"{line}\n" for line in answers)
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, encoding="utf-8")
