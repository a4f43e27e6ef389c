"""Stretches of time with labels: the value behind `spans`, `spans.words`, `spans.chapters`, ...

As JSON: `{"spans": [{"start_s", "end_s", "label"}]}`, in seconds from the start of the recording
they were found in, in order of time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Self

from pydantic import Field

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.typed_json import read_json

MOST_SPANS = 200_000
"""Six hours of quick speech have about as many words."""

_DECIMALS = 3
Seconds = Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One stretch of time.

    Attributes:
        start_s: Where it begins, in seconds.
        end_s: Where it ends, in seconds; not before it begins.
        label: What happens there: a word, the title of a chapter; may be empty.
    """

    start_s: Seconds
    end_s: Seconds
    label: Annotated[str, Field(max_length=1_000)] = ""

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """Stretches of one recording, in order of time; they may overlap."""

    spans: Annotated[tuple[Span, ...], Field(max_length=MOST_SPANS)]

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read the JSON form; stretches that are out of order are put into it.

        Raises:
            InvalidInput: A field is missing or of another kind, or a stretch ends before it begins.
        """
        read = read_json(cls, text, "a list of stretches of time")
        for index, span in enumerate(read.spans):
            if span.end_s < span.start_s:
                msg = f"spans.{index} begins at {span.start_s:g} s and ends at {span.end_s:g} s"
                raise InvalidInput(msg)
        ordered = sorted(read.spans, key=lambda span: (span.start_s, span.end_s))
        return replace(read, spans=tuple(ordered))

    def to_json(self) -> dict[str, Any]:
        """Plain data, to the millisecond; its JSON is what `from_json` reads."""
        return {
            "spans": [
                {
                    "start_s": round(span.start_s, _DECIMALS),
                    "end_s": round(span.end_s, _DECIMALS),
                    "label": span.label,
                }
                for span in self.spans
            ]
        }

    @property
    def seconds(self) -> float:
        """Length of all stretches together; where two overlap, the time counts once."""
        total, reached = 0.0, 0.0
        for span in self.spans:
            total += max(0.0, span.end_s - max(reached, span.start_s))
            reached = max(reached, span.end_s)
        return total
