"""What the kernel lets a worker do: write below one folder, and talk to nobody.

Landlock (Linux 5.13 and later) restricts a process and all its children from inside, without
privileges and for good. Where the kernel lacks it, the worker says so and runs unconfined: tools
are still checked on what they return.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1

# access rights by the ABI version that brought them (include/uapi/linux/landlock.h)
_WRITE_FILE, _TRUNCATE = 1 << 1, 1 << 14
_WRITES_ABI_1 = _WRITE_FILE | sum(1 << bit for bit in range(4, 13))
_REFER_ABI_2, _TRUNCATE_ABI_3 = 1 << 13, _TRUNCATE
_BIND_TCP, _CONNECT_TCP = 1 << 0, 1 << 1
_FILE_RIGHTS = _WRITE_FILE | _TRUNCATE


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("access", ctypes.c_uint64), ("parent", ctypes.c_int32))


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent dies, however that happens."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        # the parent died before the request was made
        os._exit(1)


def landlock_version() -> int:
    """The kernel's Landlock ABI version; 0 when there is none."""
    if sys.platform != "linux":
        return 0
    version = ctypes.CDLL(None).syscall(_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)
    return max(0, int(version))


def confine(writable: Sequence[Path], *, network: bool) -> bool:
    """Give up writing outside some folders and, unless allowed, TCP connections.

    Args:
        writable: Folders and devices that stay writable.
        network: Whether TCP stays possible.

    Returns:
        Whether the kernel enforces it from now on.
    """
    version = landlock_version()
    if version == 0:
        return False
    writes = _WRITES_ABI_1
    writes |= _REFER_ABI_2 if version >= 2 else 0
    writes |= _TRUNCATE_ABI_3 if version >= 3 else 0
    denied_net = 0 if network or version < 4 else _BIND_TCP | _CONNECT_TCP
    attributes = _RulesetAttributes(writes, denied_net)
    size = ctypes.sizeof(attributes) if version >= 4 else 8
    libc = ctypes.CDLL(None, use_errno=True)
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(attributes), size, 0)
    if ruleset < 0:
        return False
    try:
        for path in writable:
            _allow(libc, ruleset, path, writes)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return bool(libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        allowed = rights if path.is_dir() else rights & _FILE_RIGHTS
        rule = _PathBeneath(allowed, parent)
        libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(parent)
