"""Show what changed between two texts, line by line or word by word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from controlllm_tools.errors import InvalidInput
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_MOST_LINES = 20_000
_MOST_WORDS = 20_000
_AROUND = 3
_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_NOTHING = "The two texts are the same.\n"


class CompareTexts(CpuTool):
    """Longest matching blocks (Ratcliff and Obershelp 1988)."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Compare.

        Returns:
            `diff`: by lines, in the unified form of `diff -u`; by words, the new text with
            `[-removed-]` and `{+added+}` marked, as `git diff --word-diff` does. Two texts that are
            the same give a sentence that says so. `similarity`: 0 to 1, the share that is common.

        Raises:
            InvalidInput: Both texts are empty, or one is too long.
        """
        context.check()
        before, after = inputs.text("before"), inputs.text("after")
        if not before.strip() and not after.strip():
            msg = "both texts are empty: there is nothing to compare"
            raise InvalidInput(msg)
        by = inputs.text("by", "lines")
        similarity = _similarity(before, after)
        if before == after:
            diff, caption = _NOTHING, "no changes"
        elif by == "words":
            diff, caption = by_words(before, after)
        else:
            diff, caption = by_lines(before, after)
        return {
            "diff": Output.of_text(diff, name="changes.diff", caption=caption),
            "similarity": Output.of_json(similarity, name="similarity.json"),
        }


def by_lines(before: str, after: str) -> tuple[str, str]:
    """A unified difference, and how many lines went and came."""
    old, new = before.splitlines(), after.splitlines()
    _check_size(max(len(old), len(new)), _MOST_LINES, "lines")
    lines = list(difflib.unified_diff(old, new, "before", "after", lineterm="", n=_AROUND))
    added = sum(line.startswith("+") for line in lines[2:])
    removed = sum(line.startswith("-") for line in lines[2:])
    if not lines:  # only the ends of lines differ
        return "The texts differ only in how their lines end.\n", "only the ends of lines"
    return "\n".join(lines) + "\n", f"{removed} lines removed, {added} added"


def by_words(before: str, after: str) -> tuple[str, str]:
    """The new text with removed and added words marked, and how many of each."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    _check_size(max(len(old), len(new)), 2 * _MOST_WORDS, "words and marks")
    out: list[str] = []
    added = removed = 0
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=len(old) > 2_000)
    for change, a, b, c, d in matcher.get_opcodes():
        if change == "equal":
            out += new[c:d]
            continue
        removed += _words(old[a:b])
        added += _words(new[c:d])
        out += [f"[-{''.join(old[a:b])}-]"] if b > a else []
        out += [f"{{+{''.join(new[c:d])}+}}"] if d > c else []
    return "".join(out), f"{removed} words removed, {added} added"


def _similarity(before: str, after: str) -> float:
    """Twice the words in common, wherever they stand, over all words; linear in their number."""
    matcher = difflib.SequenceMatcher(None, before.split(), after.split(), autojunk=False)
    return round(matcher.quick_ratio(), 4)


def _words(tokens: Sequence[str]) -> int:
    return sum(token[0].isalnum() for token in tokens)


def _check_size(size: int, most: int, what: str) -> None:
    if size > most:
        msg = f"one of the texts has {size} {what}, the limit is {most}; compare parts of them"
        raise InvalidInput(msg)
