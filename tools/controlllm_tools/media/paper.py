"""New PDF documents on A4 paper: letters of many scripts, page numbers, the same bytes each time.

Import it inside a method: the PDF writer loads with it.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace, TextStyle, TTFFont

from controlllm_tools.errors import ToolFailed
from controlllm_tools.media.fonts import face, far_eastern_face
from controlllm_tools.resources import without_controls

BODY_PT = 11
LINE_MM = 5.8
MARGIN_MM = 22.0
TEXT = "text"
CODE = "code"
_FAR = "far"
_LONGEST_CELL_CHARS = 400
_QUIET = (110, 110, 110)
_GROUND = (240, 240, 238)
_STYLES = {
    "a": FontFace(color="#0b57d0", emphasis="UNDERLINE"),
    "code": FontFace(family=CODE),
    "p": TextStyle(t_margin=0, b_margin=0),
    "li": TextStyle(l_margin=6, t_margin=1),
    "ul": TextStyle(t_margin=0),
    "ol": TextStyle(t_margin=0),
}
_NO_TIME = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_LEADING = 1.35
_LIST = re.compile(r"<(p|ul|ol)>")
_UNKNOWN = "\u25a1"
"""An empty box, for a letter that no font here has."""
_HEADING_PT = (22, 17, 14, 12, 11, 11)
_FACES = {
    TEXT: ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique"),
    CODE: (
        "DejaVuSansMono", "DejaVuSansMono-Bold", "DejaVuSansMono-Oblique",
        "DejaVuSansMono-BoldOblique",
    ),
}  # fmt: skip
"""The upright, bold, slanted and bold slanted face of each family."""
_STYLE_NAMES = ("", "B", "I", "BI")


class Paper(FPDF):
    """A4 by default, with a number at the foot of every page unless told otherwise.

    Use it in a `with` block: it keeps the files of its fonts open.

    Attributes:
        unknown: Letters that no font here has, and how often each was wanted.
    """

    def __init__(self, title: str = "", *, numbered: bool = True) -> None:
        # a letter without a glyph is told once, by `caption`
        logging.getLogger("fpdf").setLevel(logging.CRITICAL)
        super().__init__(format="A4")
        self.unknown: Counter[str] = Counter()
        self._numbered = numbered
        self._letters = 0
        self._far_is_here = False
        self.set_creation_date(_NO_TIME)
        self.set_margins(MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=MARGIN_MM)
        self._open_face(TEXT, "")
        self._known = self._letters_in(TEXT)
        self.set_font(TEXT, size=BODY_PT)
        if title:
            self.set_title(self.fit(title))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files of the fonts, also of a document that was never finished."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def footer(self) -> None:
        """The page number; called by the writer."""
        if not self._numbered:
            return
        self.set_y(-15)
        self.set_font(TEXT, size=8)
        self.set_text_color(*_QUIET)
        self.cell(0, 8, str(self.page_no()), align="C")
        self.set_text_color(0, 0, 0)

    def heading(self, text: str, level: int = 1) -> None:
        """A heading; it moves to the next page rather than stand alone at the foot of this one."""
        size_pt = _HEADING_PT[min(level, len(_HEADING_PT)) - 1]
        height_mm = size_pt * 0.45
        if self.will_page_break(height_mm + 3 * LINE_MM):
            self.add_page()
        self._open_face(TEXT, "B")
        self.set_font(TEXT, "B", size_pt)
        self.start_section(self.fit(" ".join(text.split())), level=0)
        self.ln(0 if self.y <= self.t_margin else height_mm / 2)
        self._block(text, height_mm)
        self.ln(1.5)
        self.set_font(TEXT, size=BODY_PT)

    def paragraph(self, text: str) -> None:
        """Lines of text, wrapped at blanks, and some space below."""
        self._block(text, LINE_MM)
        self.ln(2.5)

    def prose(self, html: str, indent_mm: float = 0.0) -> None:
        """One `p`, `ul` or `ol` of inline marks, whose source has to be clean."""
        for family in (TEXT, *((CODE,) if "<code>" in html else ())):
            for style in _STYLE_NAMES if "<" in html[4:-5] else ("",):
                self._open_face(family, style)
        self.set_font(TEXT, size=BODY_PT)
        self.set_left_margin(MARGIN_MM + indent_mm)
        self.write_html(
            self.fit(_LIST.sub(rf'<\1 line-height="{_LEADING}">', html)),
            font_family=TEXT,
            tag_styles=_STYLES,
            li_prefix_color=_QUIET,
        )
        self.set_left_margin(MARGIN_MM)
        self.set_x(MARGIN_MM)
        self.ln(2.5)

    def code(self, text: str) -> None:
        """Lines as they are, in letters of one width on a grey ground."""
        self._open_face(CODE, "")
        self.set_font(CODE, size=9)
        self.set_fill_color(*_GROUND)
        self.multi_cell(
            0, 4.6, self.fit(text), align="L", fill=True, new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )
        self.set_font(TEXT, size=BODY_PT)
        self.ln(3)

    def grid(self, rows: Sequence[Sequence[str]], *, has_header: bool) -> None:
        """A table over the whole width; wider columns where their cells are longer.

        A table with a cell too long for one page is written row by row as paragraphs.
        """
        if max(len(cell) for row in rows for cell in row) > _LONGEST_CELL_CHARS:
            for cells in rows:
                self.paragraph("\n".join(cell for cell in cells if cell))
            return
        self._open_face(TEXT, "B")
        self.set_font(TEXT, size=9 if len(rows[0]) < 9 else 6)
        widths = [
            max(4, min(40, max(len(row[column]) for row in rows))) for column in range(len(rows[0]))
        ]
        with self.table(
            col_widths=tuple(widths),
            first_row_as_headings=has_header and len(rows) > 1,
            headings_style=FontFace(emphasis="BOLD", fill_color=_GROUND),
            line_height=5.2,
            text_align="LEFT",
            borders_layout="HORIZONTAL_LINES",
        ) as table:
            for cells in rows:
                row = table.row()
                for cell in cells:
                    row.cell(self.fit(cell))
        self.set_font(TEXT, size=BODY_PT)
        self.ln(3)

    def rule(self) -> None:
        """A thin line across."""
        self.set_draw_color(*_QUIET)
        self.line(self.l_margin, self.y + 2, self.w - self.r_margin, self.y + 2)
        self.ln(5)

    def fit(self, text: str) -> str:
        """The text without control characters, and with a box for each letter no font here has."""
        shown = without_controls(text).replace("\t", "    ")
        self._letters += sum(letter.isalnum() for letter in shown)
        strange = {letter for letter in shown if ord(letter) not in self._known and letter != "\n"}
        if strange and self._open_far():
            strange = {letter for letter in strange if ord(letter) not in self._known}
        for letter in strange:
            if not letter.isspace():
                self.unknown[letter] += shown.count(letter)
        return shown.translate({ord(s): " " if s.isspace() else _UNKNOWN for s in strange})

    def finish(self, path: Path) -> Path:
        """Write the document.

        Raises:
            ToolFailed: Most of its letters are in a script that no font here has.
        """
        try:
            lost = sum(count for letter, count in self.unknown.items() if letter.isalnum())
            if 2 * lost > self._letters:
                msg = (
                    f"no font here has letters such as {''.join(sorted(self.unknown)[:5])}; "
                    "install one of them (apt-get install fonts-noto-cjk) and try again"
                )
                raise ToolFailed(msg)
            self.output(str(path))
            return path
        finally:
            self.close()

    def caption(self) -> str:
        """One line about the document."""
        pages = f"{self.pages_count} page{'s' if self.pages_count > 1 else ''}"
        if not self.unknown:
            return pages
        some = " ".join(sorted(self.unknown)[:10])
        return f"{pages}; no font here has {some}, so they are boxes"

    def _block(self, text: str, height_mm: float) -> None:
        self.multi_cell(
            0, height_mm, self.fit(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )

    def _open_face(self, family: str, style: str) -> None:
        """Read a face when it is first needed; reading one takes longer than setting a page."""
        if f"{family}{style}" not in self.fonts:
            self.add_font(family, style, face(_FACES[family][_STYLE_NAMES.index(style)]))

    def _open_far(self) -> bool:
        """Add a font of Chinese, Japanese and Korean letters, where the system has one."""
        if self._far_is_here:
            return True
        found = far_eastern_face()
        if found is None:
            return False
        self.add_font(_FAR, "", found)
        self.set_fallback_fonts([_FAR], exact_match=False)
        self._known |= self._letters_in(_FAR)
        self._far_is_here = True
        return True

    def _letters_in(self, family: str) -> frozenset[int]:
        font = self.fonts[family]
        return frozenset(font.cmap) if isinstance(font, TTFFont) else frozenset()
