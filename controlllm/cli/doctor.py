"""`controlllm doctor`: what works here, and how to get the rest."""

from __future__ import annotations

import json

import typer

from controlllm.cli.session import Json, RegistryFile, settings_with


def doctor(registry: RegistryFile = None, as_json: Json = False) -> None:
    """Check the installation, the database, the catalogue and every tool's needs."""
    from controlllm.diagnosis import diagnose

    findings = list(diagnose(settings_with(registry)))
    if as_json:
        print(json.dumps([finding.to_json() for finding in findings]))
    else:
        from controlllm.cli.show import console, literal

        for finding in findings:
            colour = {"ok": "green", "missing": "yellow", "broken": "red"}[finding.state]
            console.print(f"[{colour}]{finding.state:<8}[/] {literal(finding.subject)}: ", end="")
            console.print(finding.message, markup=False)
            if finding.remedy:
                console.print(f"         {finding.remedy}", markup=False)
    raise typer.Exit(1 if any(finding.state == "broken" for finding in findings) else 0)
