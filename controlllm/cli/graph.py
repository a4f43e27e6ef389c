"""`controlllm graph`: typed paths between types, and the picture of the whole graph."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from controlllm.cli.exits import NO_ROUTE
from controlllm.cli.session import AllTools, Json, RegistryFile, planner_of, settings_with

if TYPE_CHECKING:  # only names in annotations
    from controlllm_planner.errors import NoSolution
    from controlllm_planner.planner import Planner
    from controlllm_planner.tool_graph import ToolGraph

app = typer.Typer(help="Ask the typed tool graph.", no_args_is_help=True)


@app.command("path")
def path(
    sources: Annotated[list[str], typer.Option("--from", help="Type to start from; repeatable.")],
    target: Annotated[str, typer.Option("--to", help="Type to make.")],
    k: Annotated[int, typer.Option("--k", min=1, max=50, help="Paths to show.")] = 5,
    words: Annotated[str, typer.Option("--for", help="Words that rank the paths.")] = "",
    all_tools: AllTools = False,
    registry: RegistryFile = None,
    as_json: Json = False,
) -> None:
    """Print the best typed paths from types to a type, or the proof that there is none."""
    from controlllm.batch import solve_line
    from controlllm_planner.errors import NoSolution

    planner = planner_of(registry, all_tools=all_tools, solutions=k)
    given = [{"name": name, "type": name} for name in sources]
    task = {"goal": words, "given": given, "wants": [target]}
    _check_types(planner, [*sources, target])
    try:
        answer = solve_line(planner, task)
    except NoSolution as error:
        if as_json:
            proof = _proof_json(error)
            print(json.dumps({"paths": [], "proof": proof, "message": str(error)}))
        else:
            _print_proof(error, planner.graph, sources, target)
        raise typer.Exit(NO_ROUTE) from error
    if as_json:
        print(json.dumps({"paths": answer["solutions"], "proof": None}))
        return
    for number, solution in enumerate(answer["solutions"], start=1):
        print(f"{number}. cost {solution['cost']:.2f}")
        for step in solution["steps"]:
            print(f"   {_step_words(step)}")


@app.command("draw")
def draw(
    out: Annotated[Path, typer.Option("--out", help="File to write: .svg or .mmd (Mermaid).")],
    registry: RegistryFile = None,
    as_json: Json = False,
) -> None:
    """Draw the tool graph as an SVG or a Mermaid picture."""
    from controlllm.drawing import to_mermaid, to_svg
    from controlllm_planner.tool_graph import ToolGraph
    from controlllm_tools.registry import load_registry

    graph = ToolGraph.from_registry(load_registry(settings_with(registry).registry))
    writers = {".svg": to_svg, ".mmd": to_mermaid, ".md": to_mermaid}
    writer = writers.get(out.suffix.lower())
    if writer is None:
        msg = f"--out must end in .svg or .mmd, not {out.suffix or 'nothing'}"
        raise typer.BadParameter(msg)
    out.write_text(writer(graph), encoding="utf-8")
    print(json.dumps({"path": str(out)}) if as_json else out)


def _check_types(planner: Planner, names: list[str]) -> None:
    for name in names:
        if name not in planner.graph.type_number:
            known = ", ".join(planner.graph.type_names)
            msg = f"no type is named {name!r}; the catalogue has: {known}"
            raise typer.BadParameter(msg)


def _step_words(step: dict[str, Any]) -> str:
    reads = []
    for port, sources in step["inputs"].items():
        named = [
            each.get("resource") or (f"{each['step']}.{each['output']}" if "step" in each else "…")
            for each in sources
        ]
        reads.append(f"{port}={'+'.join(named)}")
    makes = ", ".join(output["type"] for output in step["outputs"])
    return f"{step['id']} {step['tool']}({', '.join(reads)}) -> {makes}"


def _proof_json(error: NoSolution) -> dict[str, Any]:
    return {
        "reachable": list(error.reachable),
        "missing": [
            {"from": list(each.inputs), "to": each.output, "then": list(each.then)}
            for each in error.missing
        ],
        "closed": [{"tool": each.tool, "reason": each.reason} for each in error.closed],
    }


def _print_proof(error: NoSolution, graph: ToolGraph, sources: list[str], target: str) -> None:
    print(f"no route from {' + '.join(sources)} to {target}")
    for name in dict.fromkeys((*sources, target)):
        print(f"  {name} is {_about(graph, name)}")
    made = [name for name in error.reachable if name not in sources]
    print(f"what can be made: {', '.join(made) or 'nothing'}")
    print("that set is closed: no tool whose inputs are in it makes anything outside it")
    for missing in error.missing:
        onward = f", from where {' and '.join(missing.then)} would go on" if missing.then else ""
        print(f"{missing} would open a route{onward}")
    for closed in error.closed:
        print(closed)


def _about(graph: ToolGraph, name: str) -> str:
    """What a type is, as the catalogue says."""
    from controlllm_planner.wording import type_names
    from controlllm_tools.registry import TypeInfo
    from controlllm_tools.resources import ResourceType

    info = graph.types.get(ResourceType(name), TypeInfo())
    return info.description or type_names(graph).of(name)
