"""List the words and phrases that matter most in a text."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.key_phrases import distinct, key_phrases
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext


class ExtractKeywords(CpuTool):
    """Key phrases by statistics of the text itself; stop words are English."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Find keywords.

        Returns:
            `keywords`: one word or phrase a line, the most telling first.

        Raises:
            InvalidInput: The text has no words.
        """
        count = max(1, min(50, round(inputs.number("count", 8))))
        context.check()
        found = distinct(key_phrases(inputs.text("text")), count)
        if not found:
            msg = "the text has no words to choose from"
            raise InvalidInput(msg)
        listed = [phrase.text for phrase in found]
        text = "\n".join(listed)
        return {
            "keywords": Output.of_text(text, name="keywords.txt", caption=", ".join(listed)[:100])
        }
