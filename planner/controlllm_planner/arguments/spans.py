"""Bring the ends of a stretch to the parameters that hold them: `from 0:10 to 0:25`, `pages 2-4`.

Also one end (`until 0:25`), a stretch at the beginning or the end (`the first 10 seconds`), one
page (`page 3`) and a moment (`at 0:42`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from controlllm_planner.arguments.port_wording import PortWording, in_unit
from controlllm_planner.relevance import stem
from controlllm_planner.task import SpokenNumber

_STARTS = frozenset(map(stem, "start begin beginning first from lowest".split()))
_ENDS = frozenset(map(stem, "end stop last to until highest".split()))
_MOMENTS = frozenset(map(stem, "time moment position".split()))
_UNIT_WORDS = frozenset(map(stem, "s sec second seconds ms time no number".split()))
_FROM = frozenset("from after since starting".split())
_UNTIL = frozenset("until till to through".split())

Values = Mapping[str, int | float]


@dataclass(frozen=True, slots=True)
class _Ends:
    """The two ports of a stretch.

    Attributes:
        start: Where it begins.
        end: Where it ends.
        of: What else both are called: `page`; empty for a stretch of time.
    """

    start: PortWording
    end: PortWording
    of: frozenset[str]

    def fits(self, number: SpokenNumber) -> bool:
        """Whether a number counts what the stretch is measured in."""
        if self.of:
            beside = (*number.before[:1], *number.after[:1])
            return number.kind == "plain" and not self.of.isdisjoint(map(stem, beside))
        return number.kind == self.start.unit == "seconds"


def said_spans(
    wordings: Sequence[PortWording], numbers: Sequence[SpokenNumber], choices: Collection[str]
) -> tuple[dict[str, int | float], frozenset[int]]:
    """Values for the ports of a stretch or a moment, and the places of the numbers they are of.

    Args:
        wordings: Of the number ports of a tool.
        numbers: Of the task.
        choices: What its other ports may be; a tool with `first` and `last` among them takes "the
            first 10 seconds" as a length.
    """
    ends = _ends_of(wordings)
    if ends is None:
        return _moment(wordings, numbers)
    for at, number in enumerate(numbers):
        following = numbers[at + 1] if at + 1 < len(numbers) else None
        values = dict(_stretch(ends, number, following, choices))
        # "the last 3 pages" is no last page 3, even where it cannot be told otherwise
        if values or (ends.of and ends.fits(number) and "last" in number.before[:1]):
            both = following is not None and number.place == "start"
            return values, frozenset((at, at + 1) if both else (at,))
    return _moment(wordings, numbers)


def _ends_of(wordings: Sequence[PortWording]) -> _Ends | None:
    for start in wordings:
        of = start.name - _STARTS - _UNIT_WORDS
        for end in wordings:
            if not start.name & _STARTS or not end.name & _ENDS or start.unit != end.unit:
                continue
            if end.name - _ENDS - _UNIT_WORDS == of and (of or start.unit == "seconds"):
                return _Ends(start, end, of)
    return None


def _stretch(
    ends: _Ends, number: SpokenNumber, following: SpokenNumber | None, choices: Collection[str]
) -> Iterator[tuple[str, int | float]]:
    if not ends.fits(number):
        return
    first, last = ends.start.port.name, ends.end.port.name
    value = in_unit(number, ends.start)
    before = set(number.before[:3])
    if number.place == "start":
        if following is not None and following.place == "end":
            yield first, value
            yield last, in_unit(following, ends.end)
    elif edges := before & {"first", "last"}:
        # a length for a tool that chooses between them, "to the last 3 seconds" too
        if edges.isdisjoint(choices):
            yield from _at_edge(ends, value, is_first="first" in edges)
    elif before & _FROM:
        yield first, value
    elif before & _UNTIL:
        yield last, value
    elif ends.of and stem(number.before[0] if number.before else "") in ends.of:
        yield from ((first, value), (last, value))


def _at_edge(
    ends: _Ends, value: int | float, *, is_first: bool
) -> Iterator[tuple[str, int | float]]:
    """`the first 10 seconds`, and the last ones where a number below zero counts from the end."""
    if is_first:
        base = ends.start.port.default
        yield ends.start.port.name, base if isinstance(base, int | float) else 0
        yield ends.end.port.name, value
    elif _counts_back(ends.start):
        yield ends.start.port.name, -value


def _counts_back(wording: PortWording) -> bool:
    """Whether a number below zero counts from the end."""
    description = wording.port.description.lower()
    return "from the end" in description and ("below zero" in description or "neg" in description)


def _moment(
    wordings: Sequence[PortWording], numbers: Sequence[SpokenNumber]
) -> tuple[dict[str, int | float], frozenset[int]]:
    """The one port that says when, for the first number that does."""
    ports = [each for each in wordings if each.unit == "seconds" and each.name & _MOMENTS]
    ports = ports or [each for each in wordings if each.unit == "seconds" and each.name & _STARTS]
    for at, number in enumerate(numbers):
        said = number.place == "moment" or (
            number.kind == "seconds" and {"at", "after", "from"}.intersection(number.before[:1])
        )
        if said and len(ports) == 1:
            return {ports[0].port.name: in_unit(number, ports[0])}, frozenset((at,))
    return {}, frozenset()
