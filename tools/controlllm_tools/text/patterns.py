"""Things in a text that their form gives away: addresses, sums, dates, numbers of telephones.

Every pattern takes linear time on any text: what repeats is bounded or cannot match in two ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec"
)
_DAYS = "mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?"
_AMOUNT = r"\d{1,3}(?:[,.\u00a0]\d{3}){1,5}(?:[.,]\d{1,2})?|\d{1,15}(?:[.,]\d{1,4})?"
_SCALE = r"(?:[ \u00a0]?(?:thousand|million|billion|trillion|bn|[kKmM])\b)?"
_CURRENCY = (
    r"US dollars?|dollars?|euros?|pounds?|yen|francs?|rupees?|cents?"
    r"|USD|EUR|GBP|JPY|CHF|CNY|INR|SEK|NOK|DKK|AUD|CAD"
)
_TOP_DOMAINS = (
    "com|org|net|edu|gov|io|dev|app|info|ai|co|eu|uk|de|fr|es|it|nl|be|ch|at|se|no|dk|fi|pl|cz"
    "|pt|ie|us|ca|au|nz|jp|cn|in|br|ru"
)

URL = re.compile(
    r"(?<![\w@.\-])(?:https?://[^\s<>\"'`{}|\\^\u201c\u201d]{1,2000}"
    rf"|www\.[\w\-]{{1,63}}(?:\.[\w\-]{{1,63}}){{1,5}}(?:/[^\s<>\"'`{{}}|\\^\u201c\u201d]{{0,2000}})?"
    rf"|(?:[a-z0-9\-]{{1,63}}\.){{1,4}}(?:{_TOP_DOMAINS})(?![\w@\-]|\.\w)(?:/[^\s<>\"'`]{{0,2000}})?)",
    re.IGNORECASE,
)
EMAIL = re.compile(
    r"(?<![\w.+\-])[\w+\-](?:[\w.+\-]{0,62}[\w+\-])?@(?:[a-z0-9\-]{1,63}\.){1,4}[a-z]{2,24}\b",
    re.IGNORECASE,
)
MONEY = re.compile(
    rf"(?<![\w.])(?:(?:US|A|C)?[$\u20ac\u00a3\u00a5\u20b9]\s?(?:{_AMOUNT}){_SCALE}"
    rf"|(?:{_AMOUNT}){_SCALE}\s?(?:[\u20ac\u00a3$\u00a5]|(?:{_CURRENCY})\b)"
    rf"|(?:USD|EUR|GBP|CHF|JPY)\s?(?:{_AMOUNT}){_SCALE})"
)
PERCENT = re.compile(
    r"(?<![\w.,])[+\-\u2212]?\d{1,9}(?:[.,]\d{1,6})?\s?(?:%|per ?cent\b|percent(?:age points?)?\b)",
    re.IGNORECASE,
)
DATE = re.compile(
    r"\b(?:\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?"
    r"|\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d{2})"
    rf"|(?:(?:{_DAYS}),? )?\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{_MONTHS})\b\.?(?:,? \d{{4}})?"
    rf"|(?:(?:{_DAYS}),? )?(?:{_MONTHS})\b\.? \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}})?"
    rf"|(?:{_MONTHS})\b\.? \d{{4}}|(?:{_DAYS}))(?!\w)",
    re.IGNORECASE,
)
TIME = re.compile(
    r"(?<![\w:.])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:\s?[ap]\.?m\b\.?)?(?![\w:])"
    r"|\b(?:1[0-2]|[1-9])\s?[ap]\.?m\b",
    re.IGNORECASE,
)
PHONE = re.compile(
    r"(?<![\w.+])(?:\+\d{1,3}[ .\-]?)?(?:\(\d{1,5}\)[ .\-]?)?"
    r"\d{2,5}(?:[ .\-/]\d{2,5}){1,5}(?![\w\-])"
    r"|(?<![\w.+])\+\d{8,15}(?!\w)"
)
_TRAILING = ".,;:!?)]}'\"\u2019\u2026*_"


def urls_in(text: str) -> Iterator[tuple[int, str]]:
    """Web addresses with where they begin, without the punctuation of the sentence around them."""
    for match in URL.finditer(text):
        found = match[0]
        while found and found[-1] in _TRAILING:
            # a bracket that the address itself opened belongs to it
            if found[-1] == ")" and found.count("(") >= found.count(")"):
                break
            found = found[:-1]
        if len(found) > 4 and (":" not in found or found.split("://")[-1]):
            yield match.start(), found


def phones_in(text: str) -> Iterator[tuple[int, str]]:
    """Numbers of telephones: 8 to 15 digits in groups, with a plus, a zero or brackets.

    Without one of these, at least three groups; a date or a range of years is none.
    """
    for match in PHONE.finditer(text):
        found = match[0]
        digits = sum(mark.isdigit() for mark in found)
        groups = len(re.findall(r"\d+", found))
        marked = found[0] in "+(0"
        is_date = DATE.fullmatch(found) is not None
        if 7 <= digits <= 15 and not is_date and (marked or groups >= 3):
            yield match.start(), found
