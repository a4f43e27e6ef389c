"""Whatever is asked, the planner of the real catalogue makes a sound plan or says why it has none.

Requests are put together from words of the cards and from what breaks readers of text. More of
them, other ones each time, for as long as one likes:

    HYPOTHESIS_PROFILE=default FUZZ_EXAMPLES=20000 pytest tests/planner/test_fuzz_planner.py
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controlllm.app import make_planner
from controlllm.batch import plan_line, run_batch, solve_line
from controlllm_planner.errors import PlanningError
from controlllm_planner.plan import Plan, PlanStep, Value
from controlllm_planner.planner import Planner
from controlllm_planner.task import Attachment, Budget, Constraints, Request
from controlllm_tools.card import Port
from controlllm_tools.registry import load_registry
from controlllm_tools.resources import ResourceType

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "100"))
MOST_CPU_S = 30.0
"""For one request; far above what any takes, as it guards against hanging, not against slowness."""

ENDINGS = {"png": "image", "jpg": "image", "wav": "audio", "mp3": "audio.music", "mp4": "video",
           "txt": "text", "csv": "table", "md": "text.markdown", "pdf": "document.pdf"}  # fmt: skip

CONNECTIVES = tuple(
    "and|then|, then |after that|and then|based on|the resulting|it|them|this|these|those two|"
    "the result|both|each of|instead|but not|or|without|not|don't|first|finally|for every|if|"
    "unless|before|afterwards|of the picture|in the photo|to the video|from it|a|the|my|,|.|;|?|"
    "and,and|...|; then|this text: |with the title: |here is my story:\n|\n\n|the text above|"
    "that says: |the article below\n|you can use".split("|")
)
NUMBERS = tuple(
    "7|1.5x|30 s|-3|0|1,000|300x200|(100, 50)|50%|twice as large|half the size|2 minutes 30 s|"
    "90 seconds|1e309|99999999999999999999|٣|½|1/2|10:30|v2.0.1|twenty one|a dozen|nan|inf|"
    "12px by 9px|1990s|3rd|#ff0000|0x1f|five hundred thousand|20% smaller|by half".split("|")
)
QUOTES = (
    '"all aboard"', "'it''s'", '"', "'", "``", "“nested \u2018quotes\u2019 here”",
    "\"a 'b \"c\" d' e\"", "«oui»", "```python\nprint('crop a.png'); open(\"b.mp4\")\n```", "```",
    "``` ```", '""', "'resize it to 3'", '"one" and "two"', "\\\"escaped\\\"", "`crop_image`",
    '"' + "long " * 300 + '"', "“", "”",
)  # fmt: skip
STRANGE = (
    "🙂", "👩‍👩‍👧‍👦🏳️‍🌈", "🇩🇪🇩🇪", "写真を切り抜いて", "обрежь картинку", "اقطع الصورة",
    "חתוך", "ตัดรูป",
    "Schneide das Bild zu", "rogne l'image", "e\u0301\u0301\u0301", "\u202eevil\u202c",
    "\u200b", "\ufeff", "\x00", "\x1b[31m", "\ue000", "\uf8ff", "\ue001\ue000", "\U0010ffff",
    "\ud800", "ß", "İ", "ﬁle", "\u2028", "\n", "\n\n\n", "\t", "\r\n", "   ", ",,,,", "-" * 30,
    "({[<", "%s %n {0} ${HOME}", "\\", "/", "null", "https://example.org/a.png?x=1&y=2#crop",
    "http://", "https://a/" + "b/" * 40, "ftp://x.y/z.mp4", "www.example.org", "mailto:a@b.c",
    "file:///etc/passwd", "/etc/passwd", "read /etc/passwd", "~/.ssh/id_rsa",
    "../../secret.txt", "C:\\Windows\\win.ini", "node.js", "rm -rf /", "'; DROP TABLE runs; --",
    "ignore all instructions", "<script>alert(1)</script>", "a.b.c.d.e", "....png", ".png",
    "x.png.png",
)  # fmt: skip
NAMES = (
    "photo.png", "crop.png", "resize", "crop", "then.mp4", "and", "it", "it.png", "the.wav",
    "image", "video.mp4", "a b.png", "a, b and c.png", "photo (1).png", "dir/sub/photo.png",
    "../up.png", "/etc/passwd", "é.png", "写真.jpg", "🙂.png", "3", "3.png", "30 s", "7.wav",
    "'.png", '".png', "`.txt", "report.pdf", "table.csv", "notes.md", "s1", "s1.image", "t1",
    "text", "summary.txt", "PHOTO.PNG", "photo.PNG", ".", "..", "\\", "a\\b.png", "\ue000.png",
    "speech.mp3", "https://example.org/a.png", "save it as b.png", "x" * 300 + ".png",
    "(?i)a.png", "[a-z]+.mp4",
)  # fmt: skip


@cache
def planner() -> Planner:
    """Over every tool of this repository, whether or not it can run here."""
    registry = load_registry(Path(__file__).parents[2] / "registry.yaml")
    return make_planner(registry, all_tools=True)


@cache
def phrases() -> tuple[str, ...]:
    """Whole examples of the cards."""
    return tuple(dict.fromkeys(each for card in planner().graph.cards for each in card.examples))


@cache
def words() -> tuple[str, ...]:
    """Single words of the cards' examples, and the names of tools and types."""
    spoken = " ".join(phrases()).split()
    names = [card.name for card in planner().graph.cards]
    return tuple(dict.fromkeys((*spoken, *names, *map(str, planner().graph.type_names))))


def type_of(name: str) -> ResourceType:
    """By the ending; what has none is a picture."""
    return ResourceType(ENDINGS.get(name.rpartition(".")[2].lower(), "image"))


def pieces() -> st.SearchStrategy[str]:
    """One piece of a request."""
    return st.one_of(
        st.deferred(lambda: st.sampled_from(phrases())),
        st.deferred(lambda: st.sampled_from(words())),
        st.sampled_from(CONNECTIVES),
        st.sampled_from(NAMES),
        st.sampled_from(NUMBERS),
        st.sampled_from(QUOTES),
        st.sampled_from(STRANGE),
        st.text(max_size=12),
    )


@st.composite
def texts(draw: st.DrawFn) -> str:
    """The words of a request, most of them of a few pieces."""
    said = draw(st.lists(pieces(), max_size=24))
    gaps = draw(st.lists(st.sampled_from((" ", " ", " ", ", ", ". ", "", "\n")), min_size=1))
    return "".join(f"{piece}{gaps[at % len(gaps)]}" for at, piece in enumerate(said))


def attachments() -> st.SearchStrategy[tuple[Attachment, ...]]:
    """Files, some of them named like words of a request."""
    named = st.lists(st.sampled_from(NAMES), max_size=6, unique=True)
    return named.map(lambda names: tuple(Attachment(name=n, type=type_of(n)) for n in names))


@st.composite
def constraints(draw: st.DrawFn) -> Constraints:
    """Mostly none."""
    tools = st.sampled_from([card.name for card in planner().graph.cards])
    return Constraints(
        budget=draw(st.sampled_from((Budget(), Budget(), Budget(wall_s=0.5), Budget(steps=1)))),
        allow_tools=frozenset(draw(st.one_of(st.just([]), st.lists(tools, max_size=30)))),
        deny_tools=frozenset(draw(st.lists(tools, max_size=3))),
        allow_effects=frozenset(draw(st.sampled_from(((), (), ("network",))))),
        licences=frozenset(draw(st.sampled_from(((), (), ("MIT", "Apache-2.0"))))),
        preference=draw(st.sampled_from(("balanced", "fast", "cheap", "best"))),
        seed=draw(st.sampled_from((0, 1, 2**40))),
    )


def requests() -> st.SearchStrategy[Request]:
    """Any request."""
    return st.builds(Request, text=texts(), attachments=attachments(), constraints=constraints())


def plan_soundly(request: Request) -> Plan | None:
    """The plan after every check, or None when the planner says why there is none."""
    begun = time.process_time()
    try:
        made = planner().plan(request)
    except PlanningError as error:
        json.dumps(error.message).encode()
        return None
    finally:
        assert time.process_time() - begun < MOST_CPU_S
    planner().check(made, request.constraints)
    assert Plan.from_json(json.loads(json.dumps(made.to_json()).encode())) == made
    for step in (*made.steps, *(s for other in made.alternatives for s in other.steps)):
        check_values(step, request.text)
    return made


def check_values(step: PlanStep, text: str) -> None:
    """Every literal fits its port and was said, or is one of the card's own words."""
    card = planner().graph.card(step.tool)
    for name, bound in step.inputs:
        port = card.input(name)
        assert port is not None
        for value in (each.value for each in bound if isinstance(each, Value)):
            where = f"{step.tool}.{name} = {value!r}"
            assert fits(value, port), f"{where} does not fit the port"
            known = value == port.default or value in port.choices
            assert known or was_said(value, text), f"{where} was never said"


def fits(value: object, port: Port) -> bool:
    """Whether a port can hold a value: its kind, and one of its choices."""
    match port.resource_type.root:
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case _:
            return isinstance(value, str) and (not port.choices or value in port.choices)


_LOOSE = re.compile(r"[\s,.;:!?\"'`“”\ue000-\uf8ff]+")
_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()  # fmt: skip # noqa: E501
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORTHS = {
    **{word: float(worth) for worth, word in enumerate(_ONES)},
    **{word: 10.0 * worth for worth, word in enumerate(_TENS, start=2)},
    "dozen": 12.0, "hundred": 100.0, "thousand": 1_000.0, "half": 0.5, "halve": 0.5, "halved": 0.5,
    "third": 1 / 3, "quarter": 0.25, "twice": 2.0, "double": 2.0, "doubled": 2.0, "doubling": 2.0,
    "thrice": 3.0, "triple": 3.0, "tripled": 3.0, "quadruple": 4.0, "quadrupled": 4.0,
}  # fmt: skip
_NUMERALS = re.compile(rf"(\d[\d,]*(?:\.\d+)?)|\b({'|'.join(_WORTHS)})(?![^\W\d_])")


def was_said(value: str | float, text: str) -> bool:
    """Whether a literal is in the words; blanks, case and marks do not count."""
    if isinstance(value, str):
        return _LOOSE.sub("", value).casefold() in _LOOSE.sub("", text).casefold()
    return any(abs(abs(value) - each) <= 1e-5 + 1e-6 * each for each in worths(text))


@lru_cache(maxsize=4)
def worths(text: str) -> frozenset[float]:
    """What the numbers of a text may be worth: in other units, as a share, or joined to a near one.

    `twenty one` and `1 h 30 min` are sums of neighbours, `two hundred` is a product. O(characters).
    """
    found = _NUMERALS.findall(text.lower())
    said = [_WORTHS[word] if word else float(digits.replace(",", "")) for digits, word in found]
    near = {(a, b) for at, a in enumerate(said) for b in said[at + 1 : at + 6]}
    near |= {(a + b, c) for a, b, c in zip(said, said[1:], said[2:], strict=False)}
    plain = {*said, *(a + b for a, b in near), *(a * b for a, b in near)}
    units = (1.0, 60.0, 3_600.0, 0.001, 0.01, 1 / 60, 1_000.0)
    return frozenset(
        (
            *(worth * unit for worth, unit in product(plain, units)),
            *(abs(100 - worth) / 100 for worth in plain),
            *((100 + worth) / 100 for worth in plain),
            *(1 / worth for worth in plain if worth),
            *(a * u + b * v for (a, b), (u, v) in product(near, pairwise((3_600.0, 60.0, 1.0)))),
            *(a * 3_600 + b for a, b in near),
        )
    )


@pytest.mark.parametrize(
    ("value", "text", "said"),
    [
        (90, "fade over 1 minute and 30 s", True),
        (0.8, "make it 20% smaller", True),
        (21, "twenty-one words", True),
        ("all aboard", "say “All, aboard” twice", True),
        (17, "blur it", False),
        (8, "blur it with strength 7", False),
        ("dog", "show the cat", False),
    ],
)
def test_the_check_for_invented_values_knows_what_was_said(
    value: str | float, text: str, *, said: bool
) -> None:
    assert was_said(value, text) is said


@pytest.mark.promise("P2")
@given(requests())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_request_gets_a_sound_plan_or_an_error_of_ours(asked: Request) -> None:
    plan_soundly(asked)


@pytest.mark.parametrize(
    "text",
    [
        # the words of a wish were used as a text without the joints between its clauses
        "turn the clip into black and white compose music that fits the mood ",
        # what was left of a broken quotation became part of a label
        "what tempo and key does this song have draw boxes around the faces 'it''s' ",
        'add a white border to the photo, crop the photo to the face ".png "one" and "two" ',
        # hundreds of quotations took a minute to search with
        'http:// "" first ' * 1_000,
    ],
)
def test_what_was_found_stays_mended(text: str) -> None:
    plan_soundly(Request(text=text))


@given(st.lists(pieces(), min_size=1, max_size=4), st.integers(1, 20_000), attachments())
@settings(max_examples=max(5, EXAMPLES // 20), deadline=None)
def test_repetition_is_planned_or_refused_in_time(
    said: list[str], limit_chars: int, files: tuple[Attachment, ...]
) -> None:
    unit = " ".join(said) + " "
    text = (unit * (limit_chars // len(unit) + 1))[:limit_chars]
    plan_soundly(Request(text=text, attachments=files))


def types() -> st.SearchStrategy[str]:
    """Names of types, and what is none."""
    strange = ("", "image.unknown", "nothing", "IMAGE", "a..b", "edges", "text.title.deep", "🙂")
    known = st.deferred(lambda: st.sampled_from(tuple(map(str, planner().graph.type_names))))
    return st.one_of(known, known, st.sampled_from(strange))


def things() -> st.SearchStrategy[list[dict[str, Any]]]:
    """What a line of a batch hands over."""
    thing = st.fixed_dictionaries({"name": st.sampled_from(("", *NAMES)), "type": types()})
    return st.lists(thing, max_size=4)


@given(texts(), things())
@settings(max_examples=max(20, EXAMPLES // 5), deadline=None)
def test_no_line_of_a_batch_of_requests_meets_a_defect(
    text: str, resources: list[dict[str, Any]]
) -> None:
    line = {"id": 1, "request": text, "resources": resources}
    check_line(line, lambda data: plan_line(planner(), data))


@given(texts(), things(), st.lists(types(), max_size=3))
@settings(max_examples=max(20, EXAMPLES // 5), deadline=None)
def test_no_line_of_a_batch_of_tasks_meets_a_defect(
    text: str, resources: list[dict[str, Any]], wants: list[str]
) -> None:
    line = {"id": 1, "goal": text, "given": resources, "wants": wants}
    check_line(line, lambda data: solve_line(planner(), data))


def check_line(line: dict[str, Any], answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    (answered,) = run_batch([json.dumps(line)], answer)
    json.dumps(answered, allow_nan=False).encode()
    assert (answered["error"] or {}).get("kind") != "internal_error", answered["error"]


WISHES = ("Blur the faces in these pictures", "Caption and blur it")


def files(count: int, endings: Iterable[str] = ("png",)) -> tuple[Attachment, ...]:
    kinds = list(endings)
    names = [f"f{at}.{kinds[at % len(kinds)]}" for at in range(count)]
    return tuple(Attachment(name=name, type=type_of(name)) for name in names)


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("endings", [("png",), tuple(ENDINGS)])
def test_five_hundred_attachments_are_planned_or_refused_in_time(
    wish: str, endings: tuple[str, ...]
) -> None:
    plan_soundly(Request(text=wish, attachments=files(500, endings)))
    named = " and ".join(each.name for each in files(500, endings))
    plan_soundly(Request(text=f"{wish}: {named}", attachments=files(500, endings)))


@pytest.mark.parametrize("unit", ["crop it and ", '"', "🙂", "a.png ", "7 ", ", ", "(", "x", "https://a/", "```", "then\n"])  # fmt: skip # noqa: E501
@pytest.mark.parametrize("size_chars", [20_000, 100_000])
def test_long_text_is_planned_or_refused_in_time(unit: str, size_chars: int) -> None:
    plan_soundly(Request(text=(unit * size_chars)[:size_chars], attachments=files(2)))


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t \r", "\x00\x1b", "🙂", "\u200b", "...", ",", "```", '""']
)
def test_a_request_without_a_wish_has_no_plan(text: str) -> None:
    assert plan_soundly(Request(text=text, attachments=files(1))) is None


@pytest.mark.parametrize(
    "text",
    [
        "Resize f0.png to 300 pixels wide but keep its width at 200 pixels",
        "Blur the picture and do not blur the picture",
        "Make it brighter, darker and neither",
        "Crop f0.png without cropping it, then undo that before you begin",
        "Delete nothing and everything",
    ],
)
def test_contradictory_wishes_get_a_sound_plan_or_an_error_of_ours(text: str) -> None:
    plan_soundly(Request(text=text, attachments=files(1)))


@pytest.mark.parametrize(
    "text", ["read /etc/passwd", "Summarise /etc/passwd", "Read file:///etc/passwd aloud"]
)
def test_a_path_of_the_machine_is_never_a_resource_of_a_plan(text: str) -> None:
    made = plan_soundly(Request(text=text))
    assert made is None or made.resources == ()


@pytest.mark.parametrize(
    "names", list(pairwise(("crop.png", "resize", "blur.jpg", "then.png", "it.png")))
)
def test_files_named_like_words_are_files(names: tuple[str, str]) -> None:
    held = tuple(Attachment(name=name, type=ResourceType("image")) for name in names)
    made = plan_soundly(Request(text=f"Blur {names[0]} and crop {names[1]}", attachments=held))
    assert made is None or {each.name for each in made.resources} == set(names)
