"""`controlllm tools`: the catalogue, and whether its tools work here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from controlllm.cli.run import Allow, allowed_effects
from controlllm.cli.session import Json, RegistryFile, settings_with

if TYPE_CHECKING:  # only names in annotations
    from collections.abc import Sequence

    from controlllm.check import CheckResult, Watch
    from controlllm_planner.priors import Priors
    from controlllm_tools.card import ToolCard
    from controlllm_tools.registry import Registry

app = typer.Typer(help="Look at tools, and check them.", no_args_is_help=True)

ToolName = Annotated[str, typer.Argument(help="Name of a tool.")]


@app.command("list")
def list_tools(registry: RegistryFile = None, as_json: Json = False) -> None:
    """List every tool by its field of work, and whether it works here."""
    catalogue, reasons = _catalogue(registry)
    rows = [_row(card, reasons.get(card.name)) for card in catalogue.cards.values()]
    if as_json:
        print(json.dumps(rows))
        return
    _print_by_field(rows)


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
    priors, trouble = _priors(registry)
    if as_json:
        seen = {"observed": _observed_json(card, priors), "observed_error": trouble}
        print(json.dumps({**card.to_json(), **_row(card, reasons.get(name)), **seen}))
        return
    from controlllm.cli.show import console, literal, observed_table

    console.print(f"[bold]{card.name}[/] v{literal(card.version)}  {literal(card.summary)}")
    if card.description:
        console.print(card.description, markup=False)
    console.print(_ports_table(card))
    for example in card.examples:
        console.print(f'  say "{example}"', markup=False)
    console.print(f"  licence {card.licence or 'not said'}, effects {card.effects}", markup=False)
    state = f"cannot run here: {reasons[name]}" if name in reasons else "works here"
    console.print(f"  {state}", markup=False)
    told = literal(f"  runs not known: {trouble}") if trouble else observed_table(card, priors)
    console.print(told)


@app.command("check")
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Tools; all by default.")] = None,
    allow: Allow = None,
    registry: RegistryFile = None,
    as_json: Json = False,
) -> None:
    """Run tools on small real samples and compare time with estimate."""
    import anyio

    from controlllm.check import check_tools
    from controlllm.cli.exits import DONE, FAILED, INTERRUPTED
    from controlllm.cli.log import log_to

    effects = allowed_effects(allow)
    log = settings_with(registry).log
    log_to(log)
    catalogue, reasons = _catalogue(registry)
    cards = [_find(catalogue, name) for name in names or catalogue.cards]
    results: list[CheckResult] = []
    try:
        with _checks_shown(results, cards, as_json=as_json) as watch:
            anyio.run(check_tools, cards, reasons, effects, watch, log)
        code = DONE if all(result.verdict != "failed" for result in results) else FAILED
    except KeyboardInterrupt:
        code = INTERRUPTED
    if as_json:
        print(json.dumps([result.to_json() for result in results]))
    else:
        _print_verdicts(results, len(cards))
    raise typer.Exit(code)


@contextmanager
def _checks_shown(
    results: list[CheckResult], cards: Sequence[ToolCard], *, as_json: bool
) -> Iterator[Watch]:
    """Show each result as it comes and collect it, so that an interruption loses none."""
    from controlllm.check import Watch
    from controlllm.cli.show import console, messages

    width = max((len(card.name) for card in cards), default=0)

    def ended(result: CheckResult) -> None:
        results.append(result)
        if not as_json:
            _print_check(result, width)

    # lines above a moving one have to come from the same console
    live = console if console.is_terminal and not as_json else messages
    if not as_json:
        console.print(f"{'':<12}{'tool':<{width}} {'took':>8} {'estimate':>9} {'ratio':>6}")
    with live.status("") as status:

        def begun(tool: str) -> None:
            status.update(f"[dim]{len(results) + 1} of {len(cards)}[/] {tool}")

        yield Watch(begun=begun, ended=ended)


def _print_check(result: CheckResult, width: int) -> None:
    from controlllm.cli.show import console, seconds_words

    colour = {"ok": "green", "failed": "red"}.get(result.verdict, "dim")
    took, estimate = seconds_words(result.seconds), seconds_words(result.estimate_s)
    told = f"{took:>8} {estimate:>9} {result.ratio or 0:>6.2f}"
    console.print(f"[{colour}]{result.verdict:<11}[/] {result.tool:<{width}} ", end="")
    console.print(told if result.verdict == "ok" else result.message, markup=False)


def _print_verdicts(results: Sequence[CheckResult], asked: int) -> None:
    from collections import Counter

    from controlllm.cli.show import console

    counts = Counter(result.verdict for result in results)
    told = [f"{count} {verdict}" for verdict, count in counts.items()]
    if len(results) < asked:
        told.append(f"{asked - len(results)} not checked: interrupted")
    near = [result.ratio for result in results if result.ratio]
    if near:
        told.append(f"{sum(0.5 <= ratio <= 2 for ratio in near)} within twice their estimate")
    console.print("; ".join(told), markup=False)


def _catalogue(registry: Path | None) -> tuple[Registry, dict[str, str]]:
    from controlllm.app import unavailable_tools
    from controlllm_tools.registry import load_registry

    catalogue = load_registry(settings_with(registry).registry)
    return catalogue, unavailable_tools(catalogue)


def _priors(registry: Path | None) -> tuple[Priors, str | None]:
    """What the record knows of the tools; where it cannot be read, why not."""
    from controlllm.app import recorded_priors
    from controlllm.errors import ControlLLMError
    from controlllm_planner.priors import NOTHING_SEEN

    try:
        return recorded_priors(settings_with(registry)), None
    except ControlLLMError as error:
        return NOTHING_SEEN, str(error)


def _observed_json(card: ToolCard, priors: Priors) -> dict[str, Any] | None:
    seen = priors.of(card)
    if seen is None:
        return None
    neighbours = {"before": priors.before(card.name), "after": priors.after(card.name)}
    expected_s = round(priors.expected_seconds(card, seen.estimate_s), 4)
    usual = {side: dict(tools) for side, tools in neighbours.items()}
    return {**seen.to_json(), "expected_s": expected_s, **usual}


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


def _ports_table(card: ToolCard) -> Any:  # noqa: ANN401 - a table of rich
    from rich.table import Table

    from controlllm.cli.show import literal

    table = Table.grid(padding=(0, 2, 0, 0))
    for label, ports in (("takes", card.inputs), ("makes", card.outputs)):
        for port in ports:
            words = (label, port.name, port.type, ", ".join(_port_words(port)))
            table.add_row(f"  {words[0]}", *(literal(word) for word in words[1:]))
    return table


def _port_words(port: Any) -> list[str]:  # noqa: ANN401 - a Port
    words = ["list"] if port.many else []
    if port.optional:
        words.append("optional" if port.default is None else f"default {port.default}")
    words += [f"one of {', '.join(port.choices)}"] if port.choices else []
    return words + ([port.description] if port.description else [])


def _print_tools(rows: list[dict[str, Any]]) -> None:
    """The tools in this order, with what they take and make."""
    from rich.table import Table

    from controlllm.cli.show import console, literal

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(style="dim", overflow="fold", max_width=30)
    table.add_column(overflow="fold")
    for row in rows:
        takes = [_type_words(port) for port in row["inputs"] if not port["optional"]]
        makes = [_type_words(port) for port in row["outputs"]]
        types = f"{', '.join(takes)} → {', '.join(makes)}"
        table.add_row(literal(row["name"]), literal(types), _does(row))
    console.print(table)


def _print_by_field(rows: list[dict[str, Any]]) -> None:
    """A line for each tool, under the field of work that it names first."""
    from rich.table import Table

    from controlllm.cli.show import console, literal

    fields: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        fields.setdefault(next(iter(row["domains"]), "other"), []).append(row)
    width = max((len(row["name"]) for row in rows), default=0)
    for field, members in fields.items():
        console.print(f"[bold]{literal(field)}[/] [dim]{len(members)}[/]")
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True, min_width=width + 2)
        table.add_column(overflow="fold")
        for row in members:
            table.add_row(f"  {literal(row['name'])}", _does(row))
        console.print(table)
    console.print(
        f"{len(rows)} tools, {sum(row['available'] for row in rows)} work here; "
        "by words: controlllm tools search, all about one: controlllm tools show",
        soft_wrap=True,
    )


def _does(row: dict[str, Any]) -> str:
    from controlllm.cli.show import literal

    does = literal(row["summary"])
    return does if row["available"] else f"{does}\n[dim]not here: {literal(row['reason'])}[/]"


def _type_words(port: dict[str, Any]) -> str:
    return f"[{port['type']}]" if port["many"] else str(port["type"])
