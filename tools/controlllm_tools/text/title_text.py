"""Give a text a short title, made of its own words."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.headline import title_of
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext


class TitleText(CpuTool):
    """Names a text by what it calls itself, what it quotes, or its most telling clause."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Find a title.

        Returns:
            `title`: at most 60 characters, in title case where the text is English.

        Raises:
            InvalidInput: The text is empty.
        """
        context.check()
        text = inputs.text("text").strip()
        if not text:
            msg = "the text is empty: there is nothing to name"
            raise InvalidInput(msg)
        title = title_of(text)
        return {"title": Output.of_text(title, name="title.txt", caption=title)}
