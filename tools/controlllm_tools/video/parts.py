"""Tools that are made of other tools: what one step of a call hands to the next."""

from __future__ import annotations

from pathlib import Path

from controlllm_tools.errors import ToolFailed
from controlllm_tools.resources import Resource, ResourceType
from controlllm_tools.tool import Inputs, Item, Output, Tool, ToolContext


def item(path: Path, type_: str) -> Item:
    """A file of this call as the next tool takes it; nothing reads its digest."""
    size_bytes = path.stat().st_size
    resource = Resource(
        type=ResourceType(type_), sha256="", size_bytes=size_bytes, mime="", name=path.name
    )
    return Item(resource, path)


def made_by(tool: Tool, port: str, inputs: Inputs, context: ToolContext) -> Path:
    """Run a tool that needs no loading, and give the file that it makes on a port.

    Raises:
        ToolError: What the tool raises.
    """
    made = tool.run(inputs, context).get(port)
    if not isinstance(made, Output) or made.path is None:
        msg = f"{type(tool).__name__} made no file on {port!r}"
        raise ToolFailed(msg)
    return made.path
