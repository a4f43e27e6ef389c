"""Run a program where the disk is small, to see what it does when there is no space left."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_MOUNT = 'mount -t tmpfs -o "size=$1" tmpfs "$2" && shift 2 && exec "$@"'


def on_small_disk(disk: Path, program: Path, *, size: str) -> subprocess.CompletedProcess[str]:
    """Mount a small disk that only the program sees, and run it.

    Args:
        disk: Where to mount; the program's first argument. The others are the import path.
        program: A Python file.
        size: Of the disk, as `mount` takes it.
    """
    disk.mkdir()
    unshare, shell = shutil.which("unshare"), shutil.which("sh")
    if unshare is None or shell is None or not _may_mount(unshare, disk):
        pytest.skip("needs to mount a disk of its own: unshare -rm mount -t tmpfs")
    command = [unshare, "-rm", shell, "-c", _MOUNT, shell, size, disk]
    arguments = [sys.executable, program, disk, *sys.path]
    return subprocess.run(
        [*command, *arguments], capture_output=True, text=True, timeout=120, check=False
    )


def _may_mount(unshare: str, disk: Path) -> bool:
    tried = subprocess.run(
        [unshare, "-rm", "mount", "-t", "tmpfs", "tmpfs", disk], capture_output=True, check=False
    )
    return tried.returncode == 0
