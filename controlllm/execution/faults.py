"""Named points at which tests make the program fail; nothing happens unless they are armed.

`CONTROLLLM_FAULTS=point:action[:nth]` arms one point: `kill` ends the process as `kill -9` does,
`no_space` raises what a full disk raises. The list is closed, so that a test can prove that every
point is reached.
"""

from __future__ import annotations

import errno
import os
import signal
from collections import Counter

POINTS = frozenset(
    (
        "run_accepted",
        "before_events",
        "after_events",
        "step_running",
        "artifact_stored",
        "run_finished",
    )
)

_hits: Counter[str] = Counter()


def fault(point: str) -> None:
    """Fail here when this point is armed and has been passed often enough."""
    armed = os.environ.get("CONTROLLLM_FAULTS")
    if not armed:
        return
    name, action, *rest = armed.split(":")
    if name != point:
        return
    _hits[point] += 1
    if _hits[point] != (int(rest[0]) if rest else 1):
        return
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if action == "no_space":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
