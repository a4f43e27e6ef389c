"""PDF documents, opened by PDFium: counted, read page by page, saved as the same bytes always."""

from __future__ import annotations

import hashlib
import mmap
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.limits import LIMITS, Limits

if TYPE_CHECKING:  # PDFium loads when a document is opened, not when a tool is listed
    from pypdfium2 import PdfDocument, PdfPage

POINTS_PER_INCH = 72
_WRONG_PASSWORD = 4
"""`FPDF_ERR_PASSWORD` of PDFium."""
_ONE_AT_A_TIME = threading.RLock()
"""PDFium keeps state outside its documents; two threads in it crash the process."""

_STAMP = re.compile(
    rb"/CreationDate\(D:(\d{14}[+-]\d\d'\d\d')\)/Creator\(PDFium\)/Producer\(PDFium\)"
)
_NO_TIME = b"20000101000000+00'00'"
_IDENTITY = re.compile(rb"/ID\[<([0-9A-F]{32})><([0-9A-F]{32})>\]")


@contextmanager
def open_pdf(path: Path, shown: str = "", limits: Limits = LIMITS) -> Iterator[PdfDocument]:
    """A document whose pages can be read; other threads wait until it is closed.

    Args:
        path: The file.
        shown: What to call it in messages; by default its own name.
        limits: What is too large.

    Raises:
        InvalidInput: No PDF, broken, locked by a password, without pages, or over a limit.
    """
    from pypdfium2 import PdfDocument, PdfiumError

    shown = shown or path.name
    with _ONE_AT_A_TIME:
        try:
            document = PdfDocument(path)
        except PdfiumError as error:
            if getattr(error, "err_code", None) == _WRONG_PASSWORD:
                msg = f"{shown} is locked by a password; save it without one and give that file"
            else:
                msg = f"{shown} is not a readable PDF: {error}"
            raise InvalidInput(msg) from error
        try:
            _check_pages(len(document), shown, limits)
            yield document
        finally:
            document.close()


@contextmanager
def new_pdf() -> Iterator[PdfDocument]:
    """A document without pages, to import pages into; other threads wait until it is closed."""
    from pypdfium2 import PdfDocument

    with _ONE_AT_A_TIME:
        document = PdfDocument.new()
        try:
            yield document
        finally:
            document.close()


def pages_of(document: PdfDocument, shown: str) -> Iterator[PdfPage]:
    """Its pages in order; each is closed before the next one is opened.

    Raises:
        InvalidInput: A page is broken.
    """
    from pypdfium2 import PdfiumError

    for index in range(len(document)):
        try:
            page = document[index]
        except PdfiumError as error:
            msg = f"page {index + 1} of {shown} cannot be read: {error}"
            raise InvalidInput(msg) from error
        try:
            yield page
        finally:
            page.close()


def save_pdf(document: PdfDocument, path: Path) -> Path:
    """Write a document made by PDFium, without the time and the chance number it would put in."""
    document.save(path)
    with path.open("r+b") as stream, mmap.mmap(stream.fileno(), 0) as content:
        for stamp in _STAMP.finditer(content):
            content[slice(*stamp.span(1))] = _NO_TIME
        marks = list(_IDENTITY.finditer(content))
        for mark in marks:
            content[slice(*mark.span(1))] = content[slice(*mark.span(2))] = b"0" * 32
        digest = hashlib.sha256(content).hexdigest()[:32].upper().encode()
        for mark in marks:
            content[slice(*mark.span(1))] = content[slice(*mark.span(2))] = digest
    return path


def _check_pages(pages: int, shown: str, limits: Limits) -> None:
    if pages == 0:
        msg = f"{shown} has no pages"
        raise InvalidInput(msg)
    if pages > limits.pages:
        msg = f"{shown} has {pages} pages, the limit is {limits.pages}; split it first"
        raise InvalidInput(msg)
