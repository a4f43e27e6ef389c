"""Read the words on the pages of a scanned document, which carries pictures instead of text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from controlllm_tools.errors import InvalidInput
from controlllm_tools.image.read_text import ReadText
from controlllm_tools.media.images import write_png
from controlllm_tools.media.pdf import POINTS_PER_INCH, open_pdf, pages_of
from controlllm_tools.tool import Inputs, Item, Output, Outputs, ToolContext

_DPI = 200
_LONGEST_SIDE_PX = 2_400
"""Enough for the recogniser, which looks at 2,000 pixels a side."""
_MOST_PAGES = 1_000


class ReadScan(ReadText):
    """Draws one page at a time and reads it as `read_text` reads a picture."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Read.

        Returns:
            `text`: page after page with an empty line between; empty when no page shows words.

        Raises:
            InvalidInput: No PDF, locked, or with too many pages.
        """
        path = inputs.file("document")
        item = inputs.one("document")
        name = item.resource.name or path.name
        texts: list[str] = []
        with open_pdf(path, name) as document:
            total = len(document)
            if total > _MOST_PAGES:
                msg = f"{name} has {total} pages, at most {_MOST_PAGES} are read; split it first"
                raise InvalidInput(msg)
            for number, page in enumerate(pages_of(document, name), start=1):
                context.check()
                context.progress((number - 1) / total, f"reading page {number} of {total}")
                scale = min(_DPI / POINTS_PER_INCH, _LONGEST_SIDE_PX / max(page.get_size()))
                drawn = page.render(scale=scale, rev_byteorder=True).to_numpy()[:, :, :3]
                picture = write_png(drawn.copy(), context.scratch / "page.png")
                texts.append(self._words_on(picture, item, context))
        empty = sum(not text for text in texts)
        text = "\n\n".join(text for text in texts if text)
        caption = f"{total} pages" + (f", {empty} of them without words" if empty else "")
        return {"text": Output.of_text(text, name="text.txt", caption=caption)}

    def _words_on(self, picture: Path, item: Item, context: ToolContext) -> str:
        page = Item(replace(item.resource, mime="image/png"), picture)
        found = super().run(Inputs.of(image=page), context)["text"]
        return found.content or "" if isinstance(found, Output) else ""
