"""`controlllm doctor`: what works here, and how to get the rest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from controlllm.cli.session import Json, RegistryFile, settings_with

if TYPE_CHECKING:  # only a name in annotations
    from controlllm.diagnosis import Finding

_SHOWN_TOOLS = 8


def doctor(registry: RegistryFile = None, as_json: Json = False) -> None:
    """Check the installation, the database, the catalogue and every tool's needs."""
    from controlllm.diagnosis import diagnose

    findings = list(diagnose(settings_with(registry)))
    if as_json:
        print(json.dumps([finding.to_json() for finding in findings]))
    else:
        _print_findings([finding for finding in findings if not finding.tools])
        _print_ways_out([finding for finding in findings if finding.tools])
    raise typer.Exit(1 if any(finding.state == "broken" for finding in findings) else 0)


def _print_findings(findings: Sequence[Finding]) -> None:
    from controlllm.cli.show import console, literal

    for finding in findings:
        colour = {"ok": "green", "missing": "yellow", "broken": "red"}[finding.state]
        console.print(f"[{colour}]{finding.state:<8}[/] {literal(finding.subject)}: ", end="")
        console.print(finding.message, markup=False)
        if finding.remedy and not finding.missing:  # a tool's remedies come together, at the end
            console.print(f"         {finding.remedy}", markup=False)


def _print_ways_out(ways: Sequence[Finding]) -> None:
    from controlllm.cli.show import console, count_words, literal

    if ways:
        console.print("\n[bold]To get what is missing, type:[/]")
    for way in ways:
        # a command has to stay on one line to be copied
        console.print(f"  {literal(way.remedy)}", soft_wrap=True)
        names = ", ".join(way.tools[:_SHOWN_TOOLS])
        more = f" and {len(way.tools) - _SHOWN_TOOLS} more" if len(way.tools) > _SHOWN_TOOLS else ""
        told = f"for {count_words(len(way.tools), 'tool')}: {names}{more}"
        console.print(f"      [dim]{literal(told)}[/]")
