"""The source of a page as a row of blocks: headings, prose, lists, code and tables; nothing active.

Scripts, styles, forms and frames are dropped, pictures are replaced by their description: nothing
that a page points at is ever loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Literal

from controlllm_tools.errors import InvalidInput

_LONGEST_CHARS = 8 * 2**20
_DROPPED = frozenset(
    "script style noscript template svg math head title iframe object embed canvas audio video "
    "input select textarea button option link meta base map".split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SELF_CONTAINED = frozenset({*_HEADINGS, "p", "ul", "ol", "pre", "blockquote", "table", "hr"})
_CONTAINERS = frozenset(
    "html body div section article main header footer nav aside figure figcaption center details "
    "summary address dl dt dd form fieldset".split()
)
_MARKS = {"b": "b", "strong": "b", "i": "i", "em": "i", "cite": "i", "u": "u", "ins": "u", "s": "s",
          "del": "s", "code": "code", "kbd": "code", "samp": "code", "tt": "code"}  # fmt: skip
_SAFE_LINK = re.compile(r"(?:https?://|mailto:)[^\s\"'<>]{1,2000}", re.IGNORECASE)
_MOST_COLUMNS = 40

Kind = Literal["heading", "prose", "code", "table", "rule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of a page.

    Attributes:
        kind: What it is.
        level: Of a heading, 1 to 6.
        text: Of a heading or of code, plain.
        html: Of prose: one `p`, `ul` or `ol` of inline marks, links and line breaks.
        rows: Of a table, plain cells; all rows are equally long.
        has_header: Whether the first row of the table names its columns.
        quoted: Whether it is quoted from elsewhere.
    """

    kind: Kind
    level: int = 0
    text: str = ""
    html: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    has_header: bool = False
    quoted: bool = False


def blocks_of(source: str) -> Iterator[Block]:
    """The blocks of a page in their order.

    Raises:
        InvalidInput: The page is too long.
    """
    # lxml carries no types; it is a requirement of trafilatura, which the cards name
    from lxml import etree, html  # type: ignore[import-untyped]

    if len(source) > _LONGEST_CHARS:
        msg = f"the page has {len(source)} characters, the limit is {_LONGEST_CHARS}"
        raise InvalidInput(msg)
    # an XML declaration names an encoding, which text does not have any more; NUL is no HTML
    plain = re.sub(r"^\s*<\?xml[^>]*>", "", source).replace("\x00", "")
    try:
        root = html.document_fromstring(plain)
    except (etree.ParserError, ValueError):
        return
    dropped = (etree.Comment, etree.ProcessingInstruction, *_DROPPED)
    etree.strip_elements(root, *dropped, with_tail=False)
    yield from _walk(root)


def _walk(element: Any) -> Iterator[Block]:  # noqa: ANN401 - lxml carries no types
    loose = [escape(_spaced(element.text))]
    for child in element:
        tag = child.tag
        if tag in _SELF_CONTAINED or tag in _CONTAINERS:
            yield from _prose("p", "".join(loose))
            loose = []
            yield from _walk(child) if tag in _CONTAINERS else _block(child, tag)
        else:
            loose.append(_inline(child))
        loose.append(escape(_spaced(child.tail)))
    yield from _prose("p", "".join(loose))


def _block(element: Any, tag: str) -> Iterator[Block]:  # noqa: ANN401 - lxml carries no types
    if tag in _HEADINGS:
        if text := _plain(element):
            yield Block(kind="heading", level=_HEADINGS[tag], text=text)
    elif tag == "pre":
        if (text := _raw(element)).strip():
            yield Block(kind="code", text=text.strip("\n"))
    elif tag == "hr":
        yield Block(kind="rule")
    elif tag == "table":
        yield from _table(element)
    elif tag in {"ul", "ol"}:
        if items := _items(element):
            yield Block(kind="prose", html=f"<{tag}>{items}</{tag}>")
    elif tag == "blockquote":
        yield from (replace(block, quoted=True) for block in _walk(element))
    else:
        yield from _prose(tag, _inside(element))


def _prose(tag: str, inside: str) -> Iterator[Block]:
    if re.sub(r"<[^>]*>", "", inside).strip():
        yield Block(kind="prose", html=f"<{tag}>{inside.strip()}</{tag}>")


def _items(element: Any) -> str:  # noqa: ANN401 - lxml carries no types
    """List items; lists inside them stay lists, other blocks become lines."""
    found = []
    for item in element:
        if item.tag != "li":
            continue
        inner = "".join(
            f"<{nested.tag}>{_items(nested)}</{nested.tag}>"
            for nested in item
            if nested.tag in {"ul", "ol"}
        )
        for nested in [child for child in item if child.tag in {"ul", "ol"}]:
            nested.drop_tree()
        lines = re.sub(r"(?:\s*<br>)+\s*", "<br>", f"<br>{_inside(item)}<br>")
        found.append(f"<li>{lines.removeprefix('<br>').removesuffix('<br>').strip()}{inner}</li>")
    return "".join(found)


def _inside(element: Any) -> str:  # noqa: ANN401 - lxml carries no types
    parts = [escape(_spaced(element.text))]
    for child in element:
        parts += [_inline(child), escape(_spaced(child.tail))]
    return "".join(parts)


def _inline(element: Any) -> str:  # noqa: ANN401 - lxml carries no types
    tag = element.tag
    if tag == "br":
        return "<br>"
    if tag == "img":
        alt = " ".join((element.get("alt") or "").split())
        return escape(f"[{alt}]") if alt else ""
    inside = _inside(element)
    if tag in _MARKS:
        return f"<{_MARKS[tag]}>{inside}</{_MARKS[tag]}>" if inside.strip() else inside
    if tag == "a" and _SAFE_LINK.fullmatch(element.get("href") or "") and inside.strip():
        return f'<a href="{escape(element.get("href"))}">{inside}</a>'
    return f"<br>{inside}<br>" if tag in _SELF_CONTAINED | _CONTAINERS else inside


def _table(element: Any) -> Iterator[Block]:  # noqa: ANN401 - lxml carries no types
    rows: list[tuple[str, ...]] = []
    has_header = False
    for row in element.iter("tr"):
        if next(row.iterancestors("table")) is not element:
            continue  # of a table inside a cell, whose words the cell has already
        cells = [cell for cell in row if cell.tag in {"td", "th"}][:_MOST_COLUMNS]
        if not rows and cells:
            has_header = all(cell.tag == "th" for cell in cells)
        if cells:
            rows.append(tuple(_plain(cell) for cell in cells))
    width = max((len(row) for row in rows), default=0)
    full = tuple((*row, *("",) * (width - len(row))) for row in rows)
    if any(any(row) for row in full):
        yield Block(kind="table", rows=full, has_header=has_header)


def _plain(element: Any) -> str:  # noqa: ANN401 - lxml carries no types
    return " ".join(_raw(element).split())


def _raw(element: Any) -> str:  # noqa: ANN401 - lxml carries no types
    return "".join(element.itertext())


def _spaced(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")
