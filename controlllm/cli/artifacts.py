"""`controlllm artifacts`: files and texts by handle."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from controlllm.cli.session import Json, service

app = typer.Typer(help="Look at artefacts, and copy them out.", no_args_is_help=True)

Handle = Annotated[str, typer.Argument(help="Handle of an artefact, or the start of its digest.")]


@app.command("list")
def list_artifacts(
    limit: Annotated[int, typer.Option("--limit", min=1)] = 20, as_json: Json = False
) -> None:
    """List the latest artefacts."""
    with service() as opened:
        found = opened.store.latest_artifacts(limit)
    if as_json:
        print(json.dumps([{**each.to_json(), "handle": each.handle} for each in found]))
        return
    from controlllm.cli.show import artifact_words, console

    for each in found:
        console.print(artifact_words(each))


@app.command("show")
def show(handle: Handle, as_json: Json = False) -> None:
    """Tell what an artefact is, how it was made and what was made from it."""
    from dataclasses import asdict

    from controlllm.provenance.lineage import Lineage

    with service() as opened:
        resource = opened.store.artifact(handle)
        lineage = Lineage(opened.store)
        origin, uses = lineage.up(resource.sha256), lineage.down(resource.sha256)
        path = opened.path_of(resource)
    if as_json:
        told = {
            **resource.to_json(),
            "handle": resource.handle,
            "path": str(path) if path else None,
        }
        used = [{"port": use.port, **asdict(use.step)} for use in uses]
        print(json.dumps({**told, "used_by": used}))
        return
    from controlllm.cli.show import artifact_words, console, origin_tree

    if origin is not None:
        console.print(origin_tree(origin, {}))
    for use in uses:
        made = ", ".join(artifact_words(each) for each in use.made)
        console.print(
            f"[dim]used by[/] {use.step.run_id} {use.step.step} {use.step.tool} -> {made}"
        )
    if path is not None:
        console.print(str(path), markup=False, soft_wrap=True)


@app.command("get")
def get(
    handle: Handle,
    out: Annotated[Path | None, typer.Option("--out", help="File to write.")] = None,
    as_json: Json = False,
) -> None:
    """Copy an artefact out, after checking that its bytes are what they were."""
    from controlllm.deliver import holds, safe_name
    from controlllm_tools.errors import InvalidInput
    from controlllm_tools.resources import without_controls

    with service() as opened:
        resource = opened.store.artifact(handle)
        opened.artifacts.verify(resource)
        path = opened.path_of(resource)
        if out is None and path is None:
            text = resource.text or ""
            if as_json:
                print(json.dumps({"handle": resource.handle, "path": None, "text": text}))
                return
            print(without_controls(text) if sys.stdout.isatty() else text)
            return
        target = out or Path(safe_name(resource, resource.sha256[:12]))
        there = out is None and os.path.lexists(target)
        if there and not holds(target, resource.sha256):
            msg = f"{target} is there already and holds something else; name a file with --out"
            raise InvalidInput(msg)
        if path is None:
            target.write_bytes((resource.text or "").encode())
        elif not there:
            shutil.copyfile(path, target)
    told = {"handle": resource.handle, "path": str(target), "text": None}
    print(json.dumps(told) if as_json else target)


@app.command("sweep")
def sweep(as_json: Json = False) -> None:
    """Remove files that a crash left behind without a row in the record."""
    from controlllm.app import sweep_artifacts
    from controlllm.cli.session import settings_with

    with service() as opened:
        removed = sweep_artifacts(opened, settings_with())
    if as_json:
        print(json.dumps([str(path) for path in removed]))
    else:
        print(f"removed {len(removed)} files")
