"""The command line. Commands import what they need when they run, so that help comes at once."""

from __future__ import annotations

from typing import Annotated

import typer

from controlllm.cli import artifacts, demo, doctor, graph, plan, run, runs, tools
from controlllm.cli.exits import Commands, run_and_exit

app = typer.Typer(
    name="controlllm",
    cls=Commands,
    help="Turn a request in words and files into a typed, priced plan, and run exactly that plan.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"controlllm {version('controlllm')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_tell_version, is_eager=True),
    ] = False,
) -> None:
    """Options that stand before a command."""


app.command("run")(run.run)
app.command("plan")(plan.plan)
app.command("solve")(plan.solve)
app.add_typer(runs.app, name="runs")
app.add_typer(artifacts.app, name="artifacts")
app.add_typer(tools.app, name="tools")
app.add_typer(graph.app, name="graph")
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)


def main() -> None:
    """Run the command line; the exit code says how it went (see `exits`)."""
    run_and_exit(app)
