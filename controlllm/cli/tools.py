"""`controlllm tools`: the catalogue, and whether its tools work here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from controlllm.cli.run import Allow, allowed_effects
from controlllm.cli.session import Json, RegistryFile, settings_with

if TYPE_CHECKING:  # only names in annotations
    from controlllm_tools.card import ToolCard
    from controlllm_tools.registry import Registry

app = typer.Typer(help="Look at tools, and check them.", no_args_is_help=True)

ToolName = Annotated[str, typer.Argument(help="Name of a tool.")]


@app.command("list")
def list_tools(registry: RegistryFile = None, as_json: Json = False) -> None:
    """List every tool, what it takes and makes, and whether it works here."""
    catalogue, reasons = _catalogue(registry)
    rows = [_row(card, reasons.get(card.name)) for card in catalogue.cards.values()]
    if as_json:
        print(json.dumps(rows))
        return
    _print_tools(rows)


@app.command("search")
def search(
    words: Annotated[str, typer.Argument(help="What the tool should do.")],
    registry: RegistryFile = None,
    as_json: Json = False,
) -> None:
    """Find tools by words, best first."""
    from controlllm_planner.relevance import LexicalRelevance
    from controlllm_planner.tool_graph import ToolGraph

    catalogue, reasons = _catalogue(registry)
    graph = ToolGraph.from_registry(catalogue)
    scores = LexicalRelevance(graph).scores(words)
    order = sorted(range(len(graph.cards)), key=lambda n: (-scores[n], n))
    rows = [
        {**_row(graph.cards[n], reasons.get(graph.cards[n].name)), "score": round(scores[n], 4)}
        for n in order[:10]
        if scores[n] > 0
    ]
    if as_json:
        print(json.dumps(rows))
        return
    if not rows:
        print("no tool matches these words; all of them: controlllm tools list")
        return
    _print_tools(rows)


@app.command("show")
def show(name: ToolName, registry: RegistryFile = None, as_json: Json = False) -> None:
    """Tell everything about one tool."""
    catalogue, reasons = _catalogue(registry)
    card = _find(catalogue, name)
    if as_json:
        print(json.dumps({**card.to_json(), **_row(card, reasons.get(name))}))
        return
    from controlllm.cli.show import console, literal

    console.print(f"[bold]{card.name}[/] v{literal(card.version)}  {literal(card.summary)}")
    if card.description:
        console.print(card.description, markup=False)
    for label, ports in (("takes", card.inputs), ("makes", card.outputs)):
        for port in ports:
            extra = ", ".join(_port_words(port))
            console.print(f"  {label} {port.name}: {port.type} {extra}", markup=False)
    for example in card.examples:
        console.print(f'  say "{example}"', markup=False)
    console.print(f"  licence {card.licence or 'not said'}, effects {card.effects}", markup=False)
    state = f"cannot run here: {reasons[name]}" if name in reasons else "works here"
    console.print(f"  {state}", markup=False)


@app.command("check")
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Tools; all by default.")] = None,
    allow: Allow = None,
    registry: RegistryFile = None,
    as_json: Json = False,
) -> None:
    """Run tools on small real samples and compare time with estimate."""
    from controlllm.check import check_tools
    from controlllm.cli.log import log_to

    effects = allowed_effects(allow)
    log_to(settings_with(registry).log)
    catalogue, reasons = _catalogue(registry)
    cards = [_find(catalogue, name) for name in names or catalogue.cards]
    results = []
    for result in check_tools(cards, reasons, effects):
        results.append(result)
        if not as_json:
            _print_check(result)
    if as_json:
        print(json.dumps([result.to_json() for result in results]))
    raise typer.Exit(0 if all(result.verdict != "failed" for result in results) else 1)


def _print_check(result: Any) -> None:  # noqa: ANN401 - a CheckResult
    from controlllm.cli.show import console, seconds_words

    colour = {"ok": "green", "failed": "red"}.get(result.verdict, "dim")
    took = f"{seconds_words(result.seconds)} of {seconds_words(result.estimate_s)}"
    told = took if result.verdict == "ok" else result.message
    console.print(f"[{colour}]{result.verdict:<11}[/] {result.tool:<20} ", end="")
    console.print(told, markup=False)


def _catalogue(registry: Path | None) -> tuple[Registry, dict[str, str]]:
    from controlllm.app import unavailable_tools
    from controlllm_tools.registry import load_registry

    catalogue = load_registry(settings_with(registry).registry)
    return catalogue, unavailable_tools(catalogue)


def _find(catalogue: Registry, name: str) -> ToolCard:
    if name not in catalogue.cards:
        import difflib

        close = difflib.get_close_matches(name, catalogue.cards, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        msg = f"no tool is named {name!r}{hint}"
        raise typer.BadParameter(msg)
    return catalogue.cards[name]


def _row(card: ToolCard, reason: str | None) -> dict[str, Any]:
    return {
        "name": card.name,
        "version": card.version,
        "summary": card.summary,
        "domains": list(card.domains),
        "inputs": [_port_json(port) for port in card.inputs],
        "outputs": [_port_json(port) for port in card.outputs],
        "available": reason is None,
        "reason": reason,
    }


def _port_json(port: Any) -> dict[str, Any]:  # noqa: ANN401 - a Port
    return {
        "name": port.name,
        "type": port.type,
        "many": port.many,
        "optional": port.optional,
        "default": port.default,
    }


def _port_words(port: Any) -> list[str]:  # noqa: ANN401 - a Port
    words = ["list"] if port.many else []
    if port.optional:
        words.append("optional" if port.default is None else f"default {port.default}")
    words += [f"one of {', '.join(port.choices)}"] if port.choices else []
    return words + ([port.description] if port.description else [])


def _print_tools(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    from controlllm.cli.show import console, literal

    table = Table(header_style="bold")
    for name in ("tool", "takes", "makes", "does"):
        table.add_column(name, overflow="fold")
    for row in rows:
        takes = ", ".join(p["type"] for p in row["inputs"] if not p["optional"])
        makes = ", ".join(p["type"] for p in row["outputs"])
        name = row["name"] if row["available"] else f"[dim]{row['name']}[/]"
        does = literal(row["summary"])
        if not row["available"]:
            does += f"\n[dim]not here: {literal(row['reason'])}[/]"
        table.add_row(name, takes, makes, does)
    console.print(table)
