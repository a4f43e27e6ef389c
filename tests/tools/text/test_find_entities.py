"""What the form of words gives away is found where it stands; near misses are left alone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product
from controlllm_tools.text.find_entities import entities_in

Use = Callable[..., Mapping[str, Product]]

LETTER = (
    "On 3 May 2024 at 7:30 pm we flew from Paris to Rio de Janeiro. It cost $1,234.50, which is "
    "12.5% more than in March 2023. Call +44 20 7946 0958 or write to a.moss@example.co.uk; see "
    "https://example.org/a_(b)?x=1, or www.example.com."
)


def found(text: str) -> list[tuple[str, str]]:
    return [(each["kind"], each["text"]) for each in entities_in(text)]


def test_a_letter_is_taken_apart_in_its_order(use: Use) -> None:
    facts = json.loads(use("find_entities", text=LETTER)["entities"].text or "")
    assert [(each["kind"], each["text"]) for each in facts["entities"]] == [
        ("date", "3 May 2024"),
        ("time", "7:30 pm"),
        ("place", "Paris"),
        ("place", "Rio de Janeiro"),
        ("money", "$1,234.50"),
        ("percentage", "12.5%"),
        ("date", "March 2023"),
        ("phone", "+44 20 7946 0958"),
        ("email", "a.moss@example.co.uk"),
        ("url", "https://example.org/a_(b)?x=1"),
        ("url", "www.example.com"),
    ]
    assert facts["counts"]["place"] == 2
    for each in facts["entities"]:
        assert LETTER[each["start"] :].startswith(each["text"])


def test_a_place_comes_with_what_the_gazetteer_knows(use: Use) -> None:
    facts = json.loads(use("find_entities", text="We live in Oslo, Norway.")["entities"].text or "")
    city, country = facts["entities"]
    assert (city["place"], city["country"], country["place"]) == ("city", "NO", "country")
    assert city["latitude"] == pytest.approx(59.91, abs=0.05)
    assert city["longitude"] == pytest.approx(10.75, abs=0.05)


@pytest.mark.parametrize(
    "text",
    [
        "Reading is fun, and nice people say so.",
        "Victoria said that Austin was late.",
        "The boats march on.",
        "He kept version 1.2.3 from 1998-2004.",
        "A dozen of them, most of all.",
    ],
)
def test_words_and_names_that_are_also_cities_are_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "kind", "written"),
    [
        ("It was built in Reading.", "place", "Reading"),
        ("MEETING IN LONDON", "place", "LONDON"),
        ("they came from Cologne", "place", "Cologne"),
        ("and from Köln", "place", "Köln"),
        ("the U.S. agreed", "place", "U.S"),
        ("Bosnia and Herzegovina", "place", "Bosnia and Herzegovina"),
        ("about 3.5 million euros", "money", "3.5 million euros"),
        ("for €20", "money", "€20"),
        ("until 2026-11-23", "date", "2026-11-23"),
        ("on Tuesday", "date", "Tuesday"),
        ("the 4th of July, 1776", "date", "4th of July, 1776"),
        ("fell by 7 per cent", "percentage", "7 per cent"),
        ("ring (030) 123-4567", "phone", "(030) 123-4567"),
    ],
)
def test_many_forms_are_known(text: str, kind: str, written: str) -> None:
    assert found(text) == [(kind, written)]


def test_a_long_text_is_read_in_blocks_without_losing_the_place(use: Use, tmp_path: Path) -> None:
    text = "Nothing to see here. " * 6_000 + "It ends in Oslo."
    path = tmp_path / "long.txt"
    path.write_text(text)
    facts = json.loads(use("find_entities", text=path)["entities"].text or "")
    assert [text[e["start"] : e["start"] + 4] for e in facts["entities"]] == ["Oslo"]


@pytest.mark.parametrize("piece", ["a.", "1 ", "www.", "1,111", "Aa ", "+1-", "A-", "http://", "@"])
def test_hostile_repetition_takes_linear_time(piece: str) -> None:
    text = (piece * 50_000)[:50_000]
    entities_in(piece)
    began = time.monotonic()
    entities_in(text)
    assert time.monotonic() - began < 5


@given(st.text(st.sampled_from("aA1 .,-+()/:@€%\n"), max_size=200))
def test_finds_never_overlap_and_stand_where_they_say(text: str) -> None:
    end = 0
    for each in entities_in(text):
        assert each["start"] >= end
        end = each["start"] + len(each["text"])
        assert text[each["start"] : end] == each["text"]


def test_an_empty_text_is_refused(use: Use) -> None:
    with pytest.raises(InvalidInput, match="it names nothing"):
        use("find_entities", text=" ")
