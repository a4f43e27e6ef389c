"""Give a text a few tags by which it can be found."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.key_phrases import distinct, key_phrases
from controlllm_tools.media.words import medium_words, plain
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_FEWEST, _MOST = 3, 8
_TERMS_A_TAG = 2
"""A text gets one tag for about so many different words that say something."""


class TagText(CpuTool):
    """The best key phrases of one or two words, in lower case."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Choose tags.

        Returns:
            `tags`: three to eight tags, comma separated, the most telling first; fewer only when
            the text has fewer words to choose from.

        Raises:
            InvalidInput: The text has no words.
        """
        context.check()
        tags = tags_of(inputs.text("text"))
        if not tags:
            msg = "the text has no words to make tags of"
            raise InvalidInput(msg)
        text = ", ".join(tags)
        return {"tags": Output.of_text(text, name="tags.txt", caption=text[:100])}


def tags_of(text: str) -> tuple[str, ...]:
    """Up to eight tags; words about the medium are used only where there is nothing else."""
    ranked = key_phrases(text, most_words=2, leave_out=medium_words())
    telling = len({stem for phrase in ranked for stem in phrase.stems})
    wanted = max(_FEWEST, min(_MOST, round(telling / _TERMS_A_TAG)))
    chosen = distinct(ranked, wanted)
    if len(chosen) < _FEWEST:
        chosen = distinct((*chosen, *key_phrases(text, most_words=2)), _FEWEST)
    return tuple(dict.fromkeys(plain(phrase.text) for phrase in chosen))
