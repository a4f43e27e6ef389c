"""Who executes a run: a name that tells whether its bearer is still alive."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def this_process() -> str:
    """Host, process id and start time of this process."""
    pid = os.getpid()
    return f"{socket.gethostname()}/{pid}/{_started(pid)}"


def is_gone(owner: str) -> bool:
    """Whether a process of this host is known to be dead; of another host we cannot know."""
    host, _, rest = owner.partition("/")
    pid, _, started = rest.partition("/")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    return _started(int(pid)) != started


def _started(pid: int) -> str:
    """Clock ticks since boot at which a process started; a reused id has another one."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return _alive_elsewhere(pid)
    return stat.rpartition(")")[2].split()[19]


def _alive_elsewhere(pid: int) -> str:
    """On systems without /proc, all that is known is whether the process exists."""
    if Path("/proc/self/stat").exists():
        return "gone"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return "gone"
    except PermissionError:
        pass
    return "alive"
