"""`controlllm runs`: what ran, what came of it and why; resume, cancel, replay, export."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from controlllm.cli.run import Out, Quiet, execute_and_tell, tell_result
from controlllm.cli.session import Json, RegistryFile, service

if TYPE_CHECKING:  # only names in annotations
    from controlllm.service import RunService

app = typer.Typer(help="Look at runs, and take them up again.", no_args_is_help=True)

RunName = Annotated[str, typer.Argument(metavar="RUN", help="Id of a run, or `last`.")]


@app.command("list")
def list_runs(
    limit: Annotated[int, typer.Option("--limit", min=1)] = 20, as_json: Json = False
) -> None:
    """List the latest runs."""
    with service() as opened:
        records = opened.store.runs(limit)
    if as_json:
        print(json.dumps([asdict(record) for record in records]))
        return
    from rich.table import Table

    from controlllm.cli.show import console, literal, run_state_words
    from controlllm_tools.resources import printable

    table = Table(header_style="bold")
    for name in ("run", "state", "accepted", "request"):
        table.add_column(name, overflow="fold")
    for record in records:
        goal = literal(printable(record.goal, 70))
        row = (record.id, run_state_words(record), record.created_at[:19], goal)
        table.add_row(*row)
    console.print(table)


@app.command("show")
def show(run: RunName, as_json: Json = False) -> None:
    """Tell how every result of a run was made, and why by that tool."""
    from controlllm.provenance.lineage import Lineage

    with service() as opened:
        run_id = find_run(opened, run)
        record, steps = opened.store.run(run_id), opened.store.steps(run_id)
        plan = opened.store.plan_of(run_id)
        deliveries = opened.result(run_id).deliveries
        results = [each.resource for each in deliveries]
        lineage = Lineage(opened.store)
        if as_json:
            # programs get every tree whole; people are told each thing once
            origins = [tree for each in results for tree in lineage.of_results(run_id, [each])]
            print(json.dumps(_run_json(record, steps, plan, origins)))
            return
        origins = lineage.of_results(run_id, results)
    from controlllm.cli.show import console, origin_tree, run_state_words, step_table
    from controlllm_tools.resources import without_controls

    console.print(f"run [bold]{run_id}[/] {run_state_words(record)}")
    console.print(without_controls(record.goal), markup=False)
    estimates = {step.id: step.estimate.seconds for step in plan.steps}
    console.print(step_table(steps, {str(name): value for name, value in estimates.items()}))
    why = {d.candidate: d.reason for d in plan.decisions if d.verdict == "kept"}
    for origin in origins:
        console.print(origin_tree(origin, why))
    left_out = [d for d in plan.decisions if d.verdict != "kept"]
    if left_out:
        from controlllm.cli.show import decision_table

        console.print(decision_table(left_out))


@app.command("events")
def events(run: RunName, as_json: Json = False) -> None:
    """Print the events of a run, one a line."""
    from controlllm.events import event_to_json
    from controlllm_tools.resources import printable

    with service() as opened:
        stored = opened.store.events(find_run(opened, run))
    for event in stored:
        data = event_to_json(event)
        if as_json:
            print(json.dumps(data))
        else:
            rest = {k: v for k, v in data.items() if k not in {"seq", "type", "run_id", "at"}}
            shown = ", ".join(f"{name}={value}" for name, value in rest.items())
            print(
                f"{data['seq']:>4} {data['at'][11:23]} {data['type']:<17} {printable(shown, 150)}"
            )


@app.command("resume")
def resume(
    run: RunName,
    out: Out = None,
    registry: RegistryFile = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Take up an unfinished run; nothing that is done is done again."""
    from controlllm.deliver import make_writable

    with service(registry) as opened:
        run_id = find_run(opened, run)
        if out is not None:
            make_writable(out)
        plan = opened.store.plan_of(run_id)
        code = execute_and_tell(
            opened, run_id, plan, out, shown=not (quiet or as_json), as_json=as_json
        )
    raise typer.Exit(code)


@app.command("cancel")
def cancel(run: RunName, as_json: Json = False) -> None:
    """Stop a run for good; what is done stays."""
    import anyio

    with service() as opened:
        run_id = find_run(opened, run)
        stopped = anyio.run(opened.cancel, run_id)
    if as_json:
        print(json.dumps({"run_id": run_id, "cancelled": stopped}))
        return
    print(f"{run_id}: {'cancelled' if stopped else 'will stop within a few seconds'}")


@app.command("replay")
def replay(
    run: RunName, registry: RegistryFile = None, quiet: Quiet = False, as_json: Json = False
) -> None:
    """Run the plan of a run once more, afresh, and compare every artefact."""
    import anyio

    from controlllm.cli.live import live_progress

    with service(registry) as opened:
        old_id = find_run(opened, run)
        plan = opened.store.plan_of(old_id)
        with live_progress(plan, shown=not (quiet or as_json)) as watch:
            new_id = anyio.run(opened.replay, old_id, watch)
        before, after = opened.digests(old_id), opened.digests(new_id)
        states = [opened.store.run(each).state for each in (old_id, new_id)]
    rows = [
        {
            "step": step,
            "port": port,
            "position": position,
            "same": before.get(key) == after.get(key),
        }
        for key in {**before, **after}
        for step, port, position in (key,)
    ]
    same = bool(rows) and states[0] == states[1] and all(row["same"] for row in rows)
    if as_json:
        told = {"run_id": new_id, "of": old_id, "same": same, "states": states, "artifacts": rows}
        print(json.dumps(told))
    else:
        for row in rows:
            print(f"{'same   ' if row['same'] else 'differs'} {row['step']}.{row['port']}")
        print(f"replayed as {new_id}: {_verdict(same=same, empty=not rows, states=states)}")
    raise typer.Exit(0 if same else 1)


def _verdict(*, same: bool, empty: bool, states: list[Any]) -> str:
    if same:
        return "all the same"
    ends = f"the first run ended as {states[0]}, this one as {states[1]}"
    return f"neither made anything to compare; {ends}" if empty else f"something differs; {ends}"


@app.command("export")
def export(
    run: RunName,
    out: Annotated[Path, typer.Option("--out", help="File or folder to write.")],
    form: Annotated[str, typer.Option("--format", help="crate, or prov.")] = "crate",
    as_json: Json = False,
) -> None:
    """Write the record of a run as a Provenance Run Crate or as W3C PROV-JSON."""
    from controlllm.provenance.export import write_crate, write_prov

    writers = {"crate": write_crate, "prov": write_prov}
    if form not in writers:
        msg = f"--format takes one of {', '.join(writers)}, not {form!r}"
        raise typer.BadParameter(msg)
    with service() as opened:
        writers[form](opened.store, opened.path_of, find_run(opened, run), out)
    print(json.dumps({"path": str(out)}) if as_json else out)


@app.command("result")
def result(run: RunName, out: Out = None, as_json: Json = False) -> None:
    """Print what a run has delivered so far, and put it into a folder if asked to."""
    with service() as opened:
        tell_result(opened, find_run(opened, run), out, as_json=as_json)


def find_run(opened: RunService, name: str) -> Any:  # noqa: ANN401 - a RunId
    """A run by its id, the beginning of it, or `last`."""
    from controlllm.events import RunId

    if name == "last":
        latest = opened.store.runs(1)
        return latest[0].id if latest else RunId(name)
    matches = [record.id for record in opened.store.runs(1_000) if record.id.startswith(name)]
    return matches[0] if len(matches) == 1 else RunId(name)


def _run_json(record: Any, steps: Any, plan: Any, origins: Any) -> dict[str, Any]:  # noqa: ANN401 - rows
    return {
        **asdict(record),
        "steps": [asdict(step) for step in steps],
        "decisions": [d.to_json() for d in plan.decisions],
        "lineage": [_origin_json(origin) for origin in origins],
    }


def _origin_json(origin: Any) -> dict[str, Any]:  # noqa: ANN401 - a tree
    return {
        "artifact": {**origin.resource.to_json(), "handle": origin.resource.handle},
        "output": origin.port,
        "step": asdict(origin.step) if origin.step else None,
        "told": origin.told,
        "inputs": [{"port": port, "from": _origin_json(source)} for port, source in origin.inputs],
    }
