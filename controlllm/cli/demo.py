"""`controlllm demo`: the lecture's example on a real video, from words to files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from controlllm.cli.run import run_plan
from controlllm.cli.session import Json, make_request, service

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
    from controlllm.cli.show import messages
    from controlllm.sample import make_sample_clip
    from controlllm_planner.task import Constraints

    out.mkdir(parents=True, exist_ok=True)
    with service() as opened:
        if video is None:
            messages.print("making a sample clip: a moving scene, words on screen, a sentence")
            video = make_sample_clip(out / "video.mp4", opened.registry)
        text = REQUEST.format(name=video.name)
        messages.print(f"request: [bold]{text}[/]")
        request = make_request(opened, text, [video], Constraints())
        plan = opened.plan(request)
        results = out / "results"
        code = run_plan(opened, request, plan, results, shown=not as_json, as_json=as_json)
    messages.print(f"the results are in [bold]{results.resolve()}[/]")
    raise typer.Exit(code)
