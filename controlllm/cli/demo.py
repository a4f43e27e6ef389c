"""`controlllm demo`: the lecture's example on a real video, from words to files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from controlllm.cli.run import run_plan
from controlllm.cli.session import Json, make_request, service

if TYPE_CHECKING:  # only a name in an annotation
    from controlllm_tools.registry import Registry

REQUEST = (
    "Can you dub the {name} with a suitable background music and then generate a HTML web page "
    "for this video?"
)


def demo(
    video: Annotated[Path | None, typer.Option("--video", help="Your own video.")] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for the results.")] = Path(
        "demo-output"
    ),
    as_json: Json = False,
) -> None:
    """Dub a video with music that suits it, and make a web page for it."""
    from controlllm.cli.show import literal, messages
    from controlllm.deliver import make_writable
    from controlllm_planner.task import Constraints

    make_writable(out)
    with service() as opened:
        if video is None:
            messages.print("making a sample clip: a moving scene, words on screen, a sentence")
            video = _sample_clip(out / "video.mp4", opened.registry)
        text = REQUEST.format(name=video.name)
        messages.print(f"request: [bold]{literal(text)}[/]")
        request = make_request(opened, text, [video], Constraints())
        plan = opened.plan(request)
        results = out / "results"
        code = run_plan(opened, request, plan, results, shown=not as_json, as_json=as_json)
    messages.print(f"the results are in [bold]{literal(str(results.resolve()))}[/]")
    raise typer.Exit(code)


def _sample_clip(target: Path, registry: Registry) -> Path:
    """The clip under this name, or under the next one when a file of the user has it."""
    from controlllm.deliver import put_file
    from controlllm.sample import make_sample_clip

    with tempfile.TemporaryDirectory(prefix="controlllm-demo-") as folder:
        return put_file(make_sample_clip(Path(folder) / target.name, registry), target)
