"""The tool of the engine benchmark: as little work as a tool can do and still hand on a value."""

from __future__ import annotations

from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext


class AddOne(CpuTool):
    """Adds one, so that no two steps of a column do the same work."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:  # noqa: ARG002 - the protocol
        """See `Tool`."""
        return {"value": Output.of_json(int(inputs.number("value", 0)) + 1)}
