"""`controlllm run`: plan, show the plan, run exactly that plan, hand over the results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from controlllm.cli.exits import STATE_CODES
from controlllm.cli.session import Json, RegistryFile, make_request, service

if TYPE_CHECKING:  # only names in annotations
    from controlllm.events import RunId
    from controlllm.service import RunService
    from controlllm_planner.plan import Plan
    from controlllm_planner.task import Constraints

Text = Annotated[str, typer.Argument(help="What you want, in words.")]
Files = Annotated[list[Path] | None, typer.Argument(help="Files that the request is about.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder to put the results into.")]
PlanOption = Annotated[
    str | None, typer.Option("--plan", help="Run this plan: a digest, or a file from `plan`.")
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of every random choice.")]
Prefer = Annotated[
    str, typer.Option("--prefer", help="balanced, fast, cheap or best.", metavar="WHAT")
]
Allow = Annotated[
    list[str] | None, typer.Option("--allow", help="Allow an effect, such as network.")
]
Deny = Annotated[list[str] | None, typer.Option("--deny", help="Never use this tool.")]
MaxSeconds = Annotated[float | None, typer.Option("--max-seconds", help="Budget of wall time.")]
MaxUsd = Annotated[float | None, typer.Option("--max-usd", help="Budget of money.")]
MaxSteps = Annotated[int | None, typer.Option("--max-steps", help="Budget of tool calls.")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Do not use earlier results.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show neither plan nor progress.")]


def run(
    text: Text,
    files: Files = None,
    out: Out = None,
    plan: PlanOption = None,
    seed: Seed = 0,
    prefer: Prefer = "balanced",
    allow: Allow = None,
    deny: Deny = None,
    max_seconds: MaxSeconds = None,
    max_usd: MaxUsd = None,
    max_steps: MaxSteps = None,
    no_cache: NoCache = False,
    registry: RegistryFile = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Do what the words ask for, with the files handed over."""
    constraints = make_constraints(
        seed=seed,
        prefer=prefer,
        allow=allow,
        deny=deny,
        budget={"wall_s": max_seconds, "usd": max_usd, "steps": max_steps},
    )
    with service(registry, cache=False if no_cache else None) as opened:
        request = make_request(opened, text, files or [], constraints)
        chosen = find_plan(opened, plan) if plan else opened.plan(request)
        if plan:
            check_same_files(chosen, request.attachments)
        code = run_plan(opened, request, chosen, out, shown=not (quiet or as_json), as_json=as_json)
    raise typer.Exit(code)


def make_constraints(
    *,
    seed: int,
    prefer: str,
    allow: list[str] | None,
    deny: list[str] | None,
    budget: dict[str, Any],
) -> Constraints:
    """Constraints from command line values."""
    from controlllm_planner.cost import WEIGHTS
    from controlllm_planner.task import Budget, Constraints

    if prefer not in WEIGHTS:
        msg = f"--prefer takes one of {', '.join(WEIGHTS)}, not {prefer!r}"
        raise typer.BadParameter(msg)
    limits = {name: value for name, value in budget.items() if value is not None}
    effects = allowed_effects(allow)
    return Constraints(
        budget=Budget(**limits),
        deny_tools=frozenset(deny or ()),
        allow_effects=effects,
        preference=prefer,
        seed=seed,
    )


def allowed_effects(allow: list[str] | None) -> frozenset[str]:
    """What `--allow` names; only what a card can name makes sense."""
    from typing import get_args

    from controlllm_tools.card import Effects

    known = [each for each in get_args(Effects) if each != "none"]
    for each in allow or ():
        if each not in known:
            msg = f"--allow takes one of {', '.join(known)}, not {each!r}"
            raise typer.BadParameter(msg)
    return frozenset(allow or ())


def find_plan(opened: RunService, name: str) -> Plan:
    """A plan from a file or, by the beginning of its digest, from the record."""
    from controlllm.errors import UnknownHandle

    file = Path(name)
    if file.is_file():
        return read_plan(file)
    found = opened.store.find_plans(name)
    plan = opened.store.plan(found[0]) if len(found) == 1 else None
    if plan is None:
        msg = f"{name!r} is neither a plan file nor the beginning of one plan's digest"
        raise UnknownHandle(msg)
    return plan


def read_plan(file: Path) -> Plan:
    """The plan in a file that `plan --save` wrote.

    Raises:
        InvalidRequest: It holds none, or was changed since.
    """
    from controlllm_planner.errors import InvalidRequest
    from controlllm_planner.plan import Plan

    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        plan = Plan.from_json(data)
        said = data.get("digest")
        digest = plan.digest
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        msg = f"{file} holds no plan of this version; make one with `controlllm plan --save`"
        raise InvalidRequest(msg) from error
    if said not in (None, digest):
        msg = f"{file} was changed since it was made; plan again, so that what runs is what you saw"
        raise InvalidRequest(msg)
    return plan


def check_same_files(plan: Plan, attachments: tuple[Any, ...]) -> None:
    """A plan runs on the very files it was made for."""
    have = {each.name: each.resource.sha256 for each in attachments}
    for needed in plan.resources:
        if have.get(needed.name) != needed.sha256:
            msg = f"the plan was made for another {needed.name!r}; hand over the same file"
            raise typer.BadParameter(msg)


def run_plan(
    opened: RunService,
    request: Any,  # noqa: ANN401 - a Request; importing it here would slow help down
    plan: Plan,
    out: Path | None,
    *,
    shown: bool,
    as_json: bool,
) -> int:
    """Show, accept, execute and deliver; returns the exit code."""
    import anyio

    from controlllm.cli.show import messages, plan_notes, plan_summary, plan_table
    from controlllm.deliver import make_writable

    if out is not None:
        make_writable(out)
    if shown:
        messages.print(plan_table(plan))
        messages.print(plan_summary(plan))
        plan_notes(messages, plan)
    run_id = anyio.run(opened.submit, request, plan)
    return execute_and_tell(opened, run_id, plan, out, shown=shown, as_json=as_json)


def execute_and_tell(
    opened: RunService,
    run_id: RunId,
    plan: Plan,
    out: Path | None,
    *,
    shown: bool,
    as_json: bool,
) -> int:
    """Execute an accepted run with live progress, then deliver; returns the exit code."""
    import anyio

    from controlllm.cli.live import live_progress
    from controlllm.cli.show import messages

    if shown:
        messages.print(f"run [bold]{run_id}[/]")
    with live_progress(plan, shown=shown) as watch:
        state = anyio.run(opened.execute, run_id, watch)
    tell_result(opened, run_id, out, as_json=as_json)
    return STATE_CODES[state]


def tell_result(opened: RunService, run_id: RunId, out: Path | None, *, as_json: bool) -> None:
    """Put the results into a folder, if asked to, and print them."""
    from controlllm.cli.show import console
    from controlllm.deliver import deliver
    from controlllm_tools.resources import without_controls

    result = opened.result(run_id)
    paths = deliver(result, opened.path_of, out) if out else {}
    rows = [
        {
            "handle": each.resource.handle,
            "name": each.resource.name,
            "type": str(each.resource.type),
            "path": str(paths.get(number) or opened.path_of(each.resource) or "") or None,
            "sha256": each.resource.sha256,
            "step": each.step,
        }
        for number, each in enumerate(result.deliveries)
    ]
    if as_json:
        summary = {"run_id": run_id, "state": result.state, "plan": result.plan}
        print(json.dumps({**summary, "artifacts": rows, "answer": result.answer}))
        return
    console.print(without_controls(result.answer), markup=False)
    for row in rows:
        if row["path"]:
            place = without_controls(f"  {row['handle']}  {row['path']}")
            console.print(place, markup=False, soft_wrap=True)
    console.print(f"[dim]how each was made: controlllm runs show {run_id}[/]")
