"""Join several texts into one, in their order."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_BETWEEN = {"empty line": "\n\n", "line": "\n\n----------\n\n", "none": "\n"}


class MergeTexts(CpuTool):
    """Each text as it is, without blanks around it; empty ones are left out."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Join.

        Returns:
            `text`: all of them, with an empty line, a ruled line or only a line break between.

        Raises:
            InvalidInput: All of them are empty.
        """
        texts = []
        for item in inputs["texts"]:
            context.check()
            if text := item.text().strip():
                texts.append(text)
        if not texts:
            msg = "every one of the texts is empty: there is nothing to join"
            raise InvalidInput(msg)
        merged = _BETWEEN[inputs.text("between", "empty line")].join(texts) + "\n"
        left_out = len(inputs["texts"]) - len(texts)
        caption = f"{len(texts)} texts" + (f", {left_out} empty" if left_out else "")
        return {"text": Output.of_text(merged, name="merged.txt", caption=caption)}
