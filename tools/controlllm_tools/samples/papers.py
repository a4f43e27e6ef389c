"""PDF documents with a text layer."""

from __future__ import annotations

from pathlib import Path

from controlllm_tools.samples import texts


def paper(path: Path) -> Path:
    """The sample article on the first page, its summary on the second."""
    from controlllm_tools.media.paper import Paper  # noqa: PLC0415 - the PDF writer loads when used

    with Paper(texts.TITLE) as document:
        document.add_page()
        document.heading(texts.TITLE)
        for paragraph in texts.ARTICLE.split("\n\n"):
            document.paragraph(" ".join(paragraph.split()))
        document.add_page()
        document.heading("In short", level=2)
        document.paragraph(texts.SUMMARY)
        return document.finish(path)


def note(path: Path) -> Path:
    """One page with the summary of the sample article."""
    from controlllm_tools.media.paper import Paper  # noqa: PLC0415 - the PDF writer loads when used

    with Paper(texts.TITLE) as document:
        document.add_page()
        document.paragraph(texts.SUMMARY)
        return document.finish(path)
