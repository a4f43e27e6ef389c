"""Stretches of time: read strictly, put into order, never ending before they begin."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.spans import Span, Spans

TIME = st.integers(0, 20_000_000).map(lambda milliseconds: milliseconds / 1_000)
LABEL = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
SPAN = st.builds(
    lambda a, b, label: Span(start_s=min(a, b), end_s=max(a, b), label=label), TIME, TIME, LABEL
)


def spans(**changes: object) -> str:
    return json.dumps({"spans": [{"start_s": 1, "end_s": 2.5, "label": "a"} | changes]})


@given(st.lists(SPAN, max_size=6))
def test_json_comes_back_as_it_was_in_order_of_time(listed: list[Span]) -> None:
    ordered = tuple(sorted(listed, key=lambda span: (span.start_s, span.end_s)))
    read = Spans.from_json(json.dumps(Spans(spans=tuple(listed)).to_json()))
    assert read.spans == ordered
    assert Spans.from_json(json.dumps(read.to_json())) == read


def test_the_label_may_be_left_out_and_there_may_be_no_stretch() -> None:
    read = Spans.from_json('{"spans": [{"start_s": 0, "end_s": 2}]}')
    assert read.spans == (Span(start_s=0, end_s=2),)
    assert Spans.from_json('{"spans": []}').spans == ()


def test_overlapping_time_counts_once() -> None:
    whole = Spans(
        spans=(
            Span(start_s=0, end_s=4),
            Span(start_s=1, end_s=2),
            Span(start_s=3, end_s=5),
            Span(start_s=8, end_s=9.5),
        )
    )
    assert whole.seconds == 6.5
    assert whole.spans[3].seconds == 1.5


def test_times_are_written_to_the_millisecond() -> None:
    written = Spans(spans=(Span(start_s=0.1 + 0.2, end_s=1 / 3),)).to_json()
    assert written["spans"][0] == {"start_s": 0.3, "end_s": 0.333, "label": ""}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello", "this is not a list of stretches of time"),
        ("{}", "spans: Field required"),
        (spans(start_s="1"), "spans.0.start_s: "),
        (spans(start_s=-1), "spans.0.start_s: "),
        (spans(end_s=float("nan")), "spans.0.end_s: "),
        (spans(label=7), "spans.0.label: "),
        (spans(end_s=0.5), r"spans\.0 begins at 1 s and ends at 0\.5 s"),
    ],
)
def test_what_does_not_fit_is_named(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Spans.from_json(text)
