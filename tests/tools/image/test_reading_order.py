"""Text lines are put into the order in which a person reads them."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from controlllm_tools.image.reading_order import paragraphs
from controlllm_tools.media.boxes import Box

SIDE = st.integers(0, 900)
LINE = st.builds(Box, x=SIDE, y=SIDE, width=st.integers(1, 300), height=st.integers(5, 40))


def line(text: str, x: int, y: int, *, width: int = 0, height: int = 20) -> Box:
    return Box(x=x, y=y, width=width or 10 * len(text), height=height, label=text)


def read(*lines: Box) -> str:
    # given in a fixed disorder, so that no test passes by chance
    mixed = sorted(lines, key=lambda box: (box.label[::-1], box.x))
    return "\n\n".join(paragraph.text() for paragraph in paragraphs(mixed))


def test_lines_are_read_from_top_to_bottom_and_words_from_left_to_right() -> None:
    assert read(
        line("world", 80, 11), line("hello", 10, 10), line("again", 10, 34), line("bye", 10, 59)
    ) == "hello world\nagain\nbye"  # fmt: skip


def test_a_wide_gap_begins_a_paragraph() -> None:
    assert (
        read(line("one", 10, 10), line("two", 10, 34), line("three", 10, 90)) == "one\ntwo\n\nthree"
    )


def test_columns_are_read_one_after_the_other_under_a_common_heading() -> None:
    left = [line(f"left column {n}", 10, 100 + 25 * n) for n in range(4)]
    right = [line(f"right column {n}", 300, 102 + 25 * n) for n in range(4)]
    heading = line("a heading that runs over the whole page", 10, 20, width=420)
    foot = line("a foot that runs over the whole page", 10, 400, width=420)
    assert read(*left, *right, heading, foot) == "\n\n".join([
        "a heading that runs over the whole page",
        "\n".join(box.label for box in left),
        "\n".join(box.label for box in right),
        "a foot that runs over the whole page",
    ])  # fmt: skip


def test_prices_stay_with_their_dishes() -> None:
    menu = [("French toast", "$6"), ("Pancakes", "$9"), ("Granola and jam", "$12")]
    lines = [line(dish, 10, 20 + 25 * n) for n, (dish, _) in enumerate(menu)]
    lines += [line(price, 300, 21 + 25 * n) for n, (_, price) in enumerate(menu)]
    assert read(*lines) == "\n".join(f"{dish} {price}" for dish, price in menu)


def test_two_menus_beside_each_other_are_two_columns_with_their_prices() -> None:
    lines = []
    for x, dishes in ((10, ["Soup of the day", "Green salad"]), (410, ["Lemonade", "Pot of tea"])):
        for n, dish in enumerate(dishes):
            lines += [line(dish, x, 20 + 25 * n), line("$3", x + 240, 20 + 25 * n)]
    assert read(*lines) == "Soup of the day $3\nGreen salad $3\n\nLemonade $3\nPot of tea $3"


def test_three_columns_are_read_in_order() -> None:
    lines = [
        line(f"column {c} line {n}", 10 + 250 * c, 20 + 25 * n) for c in range(3) for n in range(3)
    ]
    expected = ["\n".join(f"column {c} line {n}" for n in range(3)) for c in range(3)]
    assert read(*lines) == "\n\n".join(expected)


def test_small_lines_beside_a_tall_one_are_not_thrown_together() -> None:
    tall = line("X", 10, 10, width=60, height=75)
    small = [line(f"line {n}", 100, 10 + 25 * n) for n in range(3)]
    rows = read(tall, *small).replace("\n\n", "\n").split("\n")
    assert [row.removeprefix("X ") for row in rows if row != "X"] == ["line 0", "line 1", "line 2"]


@given(st.lists(LINE, max_size=25))
def test_every_line_is_read_exactly_once(lines: list[Box]) -> None:
    found = [box for paragraph in paragraphs(lines) for row in paragraph.rows for box in row]
    key = repr
    assert sorted(found, key=key) == sorted(lines, key=key)


@given(st.lists(LINE, max_size=12, unique=True), st.randoms())
def test_the_order_of_finding_does_not_matter(lines: list[Box], dice: Random) -> None:
    mixed = list(lines)
    dice.shuffle(mixed)
    # boxes on one and the same place are not told apart
    places = {(box.x, box.y, box.width, box.height) for box in lines}
    if len(places) == len(lines):
        assert paragraphs(mixed) == paragraphs(lines)
