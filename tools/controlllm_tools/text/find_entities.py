"""List what a text names: dates, times, sums, percentages, addresses, telephone numbers, places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from controlllm_tools.errors import InvalidInput
from controlllm_tools.text import patterns
from controlllm_tools.text.places import places_in
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_BY_PATTERN = (
    ("email", patterns.EMAIL),
    ("date", patterns.DATE),
    ("time", patterns.TIME),
    ("money", patterns.MONEY),
    ("percentage", patterns.PERCENT),
)
_MOST = 20_000
_BLOCK_CHARS = 50_000


class FindEntities(CpuTool):
    """Rules of form and a gazetteer; knows no names of people or firms, which need a model.

    Where two finds overlap, the one that begins first, or else is longer, is kept.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Find.

        Returns:
            `entities`: a list in the order of the text, each with kind, text, start (characters
            from the beginning) and, for a place, what the gazetteer knows; and counts by kind.

        Raises:
            InvalidInput: The text is empty.
        """
        text = inputs.text("text")
        if not text.strip():
            msg = "the text is empty: it names nothing"
            raise InvalidInput(msg)
        found: list[dict[str, Any]] = []
        for offset, block in _blocks(text):
            context.check()
            context.progress(offset / len(text), "looking for names")
            found += [{**each, "start": each["start"] + offset} for each in entities_in(block)]
        found = found[:_MOST]
        kinds = [each["kind"] for each in found]
        counts = {kind: kinds.count(kind) for kind in sorted(set(kinds))}
        caption = ", ".join(f"{kind}: {count}" for kind, count in counts.items()) or "none found"
        facts = {"entities": found, "counts": counts}
        return {"entities": Output.of_json(facts, name="entities.json", caption=caption)}


def entities_in(text: str) -> list[dict[str, Any]]:
    """What a text names, in its order, without overlaps."""
    candidates = sorted(_candidates(text), key=lambda each: (each["start"], -len(each["text"])))
    kept: list[dict[str, Any]] = []
    end = 0
    for each in candidates:
        if each["start"] >= end:
            kept.append(each)
            end = each["start"] + len(each["text"])
    return kept


def _candidates(text: str) -> Iterator[dict[str, Any]]:
    for kind, pattern in _BY_PATTERN:
        for match in pattern.finditer(text):
            yield {"kind": kind, "text": match[0], "start": match.start()}
    for start, url in patterns.urls_in(text):
        yield {"kind": "url", "text": url, "start": start}
    for start, phone in patterns.phones_in(text):
        yield {"kind": "phone", "text": phone, "start": start}
    for start, name, place in places_in(text):
        known = {key: value for key, value in asdict(place).items() if value not in {None, 0}}
        known["place"] = known.pop("kind")
        yield {"kind": "place", "text": name, "start": start, **known}


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Stretches of some 50,000 characters that end at a line break or a blank."""
    begin = 0
    while begin < len(text):
        end = begin + _BLOCK_CHARS
        if end < len(text):
            cut = max(text.rfind("\n", begin, end), text.rfind(" ", begin, end))
            end = cut + 1 if cut > begin else end
        yield begin, text[begin:end]
        begin = end
