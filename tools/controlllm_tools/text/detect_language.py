"""Tell the language of a text."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.languages import guesses
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_SURE = 0.6


class DetectLanguage(CpuTool):
    """The likeliest of 77 languages, how sure that is, and which come next."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Detect.

        Returns:
            `language`: code (ISO 639-1), English name, confidence from 0 to 1, and the next likely
            ones; code `und` for a text that has no letters or tells nothing.

        Raises:
            InvalidInput: The text is empty.
        """
        context.check()
        text = inputs.text("text")
        if not text.strip():
            msg = "the text is empty: it has no language"
            raise InvalidInput(msg)
        best, *others = guesses(text)
        facts = {
            "language": best.code,
            "name": best.name,
            "confidence": best.confidence,
            "others": [{"language": each.code, "confidence": each.confidence} for each in others],
        }
        hint = "" if best.confidence >= _SURE else ", not sure: give a longer text"
        caption = f"{best.name} ({best.confidence:.0%}{hint})"
        return {"language": Output.of_json(facts, name="language.json", caption=caption)}
