"""Progress of a call that has stages: each stage reports 0 to 1, the caller sees one movement."""

from __future__ import annotations

from dataclasses import replace

from controlllm_tools.tool import ToolContext


def stage(context: ToolContext, start: float, end: float) -> ToolContext:
    """The same call, whose progress runs from `start` to `end`."""

    def report(fraction: float, message: str) -> None:
        context.progress(start + (end - start) * min(1.0, max(0.0, fraction)), message)

    return replace(context, progress=report)
