"""What the program logs goes into a file; without one, Python prints it among what people read."""

from __future__ import annotations

import logging
from io import TextIOWrapper
from pathlib import Path

LIMIT_BYTES = 4 * 2**20
"""A longer file makes room for a new one when the next process begins to write."""


class LogFile(logging.FileHandler):
    """A file that is made with its folder by the first line; a full disk is no error of a run."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8", errors="backslashreplace", delay=True)
        self.setLevel(logging.WARNING)
        form = "%(asctime)s %(process)d %(levelname)s %(name)s %(message)s"
        self.setFormatter(logging.Formatter(form))

    def _open(self) -> TextIOWrapper:
        path = Path(self.baseFilename)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LIMIT_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return super()._open()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        try:
            super().emit(record)
        except OSError:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - its name in logging
        """Say nothing: there is nobody left to tell."""


def log_to(path: Path) -> None:
    """Let everything that this process logs go to one file, and nothing to the terminal."""
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, LogFile)]:
        root.removeHandler(handler)
        handler.close()
    root.addHandler(LogFile(path))
