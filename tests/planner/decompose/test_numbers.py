"""Numbers in the words of a clause."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlllm_planner.decompose.numbers import spoken_numbers
from controlllm_planner.task import NumberKind


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("300 px", 300, "pixels"),
        ("300px", 300, "pixels"),
        ("a 20-second clip", 20, "seconds"),
        ("20s", 20, "seconds"),
        ("2 min", 120, "seconds"),
        ("half a minute", 30, "seconds"),
        ("1 minute and 30 seconds", 90, "seconds"),
        ("1.5x", 1.5, "factor"),
        ("three times larger", 3, "factor"),
        ("twice as large", 2, "factor"),
        ("four times smaller", 0.25, "factor"),
        ("half the size", 0.5, "factor"),
        ("reduce it by half", 0.5, "factor"),
        ("20% smaller", 0.8, "factor"),
        ("120% smaller", 120.0, "percent"),
        ("enlarge it by 50%", 1.5, "factor"),
        ("150%", 150, "percent"),
        ("twenty-five words", 25, "plain"),
        ("two hundred words", 200, "plain"),
        ("1,024 words", 1024, "plain"),
        ("-3.5", -3.5, "plain"),
        ("120 words a minute", 120, "rate"),
        ("10fps", 10, "glued"),
        ("1,5 seconds", 1.5, "seconds"),
        ("-1,5 dB", -1.5, "decibels"),
        ("1,500 ms", 1.5, "seconds"),
        ("1,500.25 words", 1500.25, "plain"),
        ("two and a half times", 2.5, "factor"),
        ("2 and a half seconds", 2.5, "seconds"),
        ("at half speed", 0.5, "factor"),
        ("slow it down by 20%", 0.8, "factor"),
        ("a dozen", 12, "plain"),
        ("a 1:30 clip", 90, "seconds"),
        ("1:05:30", 3930, "seconds"),
    ],
)
def test_a_number_is_read_with_its_unit(text: str, value: float, kind: NumberKind) -> None:
    (number,) = spoken_numbers(text)
    assert (number.value, number.kind) == (value, kind)


def test_the_sides_of_a_size_may_be_thousands() -> None:
    width, height = spoken_numbers("to 1,500 by 2,000 pixels")
    assert [(n.value, n.place) for n in (width, height)] == [(1500, "width"), (2000, "height")]


@pytest.mark.parametrize("text", ["200x200", "200 x 200", "200 by 200", "200px by 200 px"])
def test_a_size_is_a_width_and_a_height(text: str) -> None:
    assert [(n.value, n.place) for n in spoken_numbers(text)] == [(200, "width"), (200, "height")]


@pytest.mark.parametrize("text", ["(100, 50)", "from 100, 50", "at (100,50)"])
def test_a_point_is_a_left_and_a_top(text: str) -> None:
    assert [(n.value, n.place) for n in spoken_numbers(text)] == [(100, "left"), (50, "top")]


def test_a_list_of_numbers_is_no_point() -> None:
    assert {number.place for number in spoken_numbers("at 5, 10 and 20 seconds")} == {""}


def test_the_words_beside_a_number_end_at_commas_conjunctions_and_numbers() -> None:
    width, height = spoken_numbers("from here, with width 200 and height 100 now")
    assert (width.before, width.after) == (("width", "with"), ())
    assert (height.before, height.after) == (("height",), ("now",))


@pytest.mark.parametrize(
    "text",
    [
        "music of the 80s or the 1990s",
        "at 10:30 am on 2024-05-01",
        "in 16:9, 16:10 or 4:3",
        "1.000,5",
        "the 3rd and the second one",
        "the left half of the photo",
        "1" * 400,
        "mp3 h264 1.2.3",
    ],
)
def test_what_is_no_certain_number_is_left_out(text: str) -> None:
    assert spoken_numbers(text) == ()


@pytest.mark.parametrize(
    ("text", "kind", "ends"),
    [
        ("from 0:10 to 0:25", "seconds", (10, 25)),
        ("10-20 s", "seconds", (10, 20)),
        ("10s\u201320s", "seconds", (10, 20)),
        ("between 3 and 5 seconds", "seconds", (3, 5)),
        ("from 1 to 2 minutes", "seconds", (60, 120)),
        ("pages 2-4", "plain", (2, 4)),
        ("pages 2 to 4", "plain", (2, 4)),
    ],
)
def test_a_range_is_a_start_and_an_end(text: str, kind: str, ends: tuple[float, float]) -> None:
    start, end = spoken_numbers(text)
    assert (start.place, end.place) == ("start", "end")
    assert (start.kind, end.kind) == (kind, kind)
    assert (start.value, end.value) == ends


def test_both_ends_of_a_range_have_the_words_beside_the_whole() -> None:
    start, end = spoken_numbers("keep pages 2-4 only")
    assert start.before == end.before == ("pages", "keep")
    assert start.after == end.after == ("only",)


def test_numbers_that_run_backwards_are_no_range() -> None:
    assert {number.place for number in spoken_numbers("from 300 to 200")} == {""}


def test_a_time_behind_at_is_a_moment() -> None:
    assert [(n.value, n.place) for n in spoken_numbers("at 0:42")] == [(42, "moment")]


@pytest.mark.parametrize(
    "piece",
    [
        *["1", "1,000", "1-", "1.", "(1, ", "one ", "1 x ", "hundred ", "9s", "1:", "1:05 ", "1,5"],
        *["1-2 ", "2 to ", "and a half ", "1 and ", "5 - ", "-", "1,", "at 1:05 "],
    ],
)
def test_long_runs_are_read_in_linear_time_and_give_few_numbers(piece: str) -> None:
    short, long = (piece * 20_000)[:20_000], (piece * 80_000)[:80_000]
    begun = time.process_time()
    spoken_numbers(short)
    seconds = time.process_time() - begun
    assert seconds < 0.5
    assert len(spoken_numbers(long)) <= 64


PIECES = [*"0123456789 .,:-x%()", "and a half ", "to ", "between ", "and ", "first ", "seconds "]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.text(max_size=60))
def test_any_text_gives_finite_numbers_and_whole_ranges(text: str) -> None:
    numbers = spoken_numbers(text)
    assert all(abs(number.value) <= 1e12 for number in numbers)
    starts = [at for at, number in enumerate(numbers) if number.place == "start"]
    for at in starts[:63]:
        assert numbers[at + 1].place == "end"
        assert numbers[at].value < numbers[at + 1].value
