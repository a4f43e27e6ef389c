"""How much memory calls hold, as the Linux kernel counts it; elsewhere it is not known."""

from __future__ import annotations

import os
import re
import resource
import sys
from contextlib import suppress
from pathlib import Path

_FORGET_PEAK = b"5"
"""Written to `clear_refs`, it sets the peak of a process back to what it holds now (proc(5))."""

_PEAK_KIB = re.compile(r"^VmHWM:\s*(\d+) kB", re.MULTILINE)


class MemoryUse:
    """The most memory that this process and its children held since a mark.

    The kernel keeps a peak for the process, which can be set back, and one for the largest of all
    children that have ended, which cannot. It counts a child with what its parent held when it was
    made, too. So a child counts when it is the largest so far and larger than this process: what is
    told may be too little for a call, but not for all calls of a tool that uses a large program.
    """

    def __init__(self) -> None:
        self._clear: int | None = None
        self._children = 0
        if sys.platform == "linux":
            with suppress(OSError):  # opened here, as a confined process may no longer do it
                self._clear = os.open("/proc/self/clear_refs", os.O_WRONLY | os.O_CLOEXEC)

    def mark(self) -> None:
        """Begin to count anew."""
        if self._clear is not None:
            os.write(self._clear, _FORGET_PEAK)
        self._children = _children_bytes()

    def most_bytes(self) -> int | None:
        """The peak of this process since the mark, and that of a child that surpassed all else.

        Returns:
            Bytes; None where the kernel does not tell.
        """
        if self._clear is None:
            return None
        found = _PEAK_KIB.search(Path("/proc/self/status").read_text(encoding="ascii"))
        if found is None:
            return None
        own, child = int(found[1]) * 1_024, _children_bytes()
        return own + (child if child > max(own, self._children) else 0)


def _children_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1_024
