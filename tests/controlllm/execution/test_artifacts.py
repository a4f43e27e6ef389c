"""Files by their digest: whole or not there, whatever happens."""

from __future__ import annotations

import fcntl
import hashlib
import os
import random
import signal
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from smalldisk import on_small_disk

from controlllm.execution.artifacts import ArtifactStore, CorruptArtifact
from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product
from controlllm_tools.resources import (
    CAPTION_LIMIT_CHARS,
    NAME_LIMIT_CHARS,
    MediaFacts,
    Resource,
    ResourceType,
)

HOUR_S = 3_600.0


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "store")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "source"


def stored(store: ArtifactStore, source: Path, content: bytes) -> str:
    source.write_bytes(content)
    return store.store_file(source)[0]


def files(store: ArtifactStore) -> list[str]:
    """The files of a store by name, its lock left out."""
    found = (path for path in store.root.rglob("*") if path.is_file())
    return sorted(path.name for path in found if path.name != ".lock")


def set_age(path: Path, age_s: float, now_s: float) -> None:
    os.utime(path, (now_s - age_s, now_s - age_s))


# Storing


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=5_000) | st.sampled_from([b"", b"\x00", b"x" * (2**20 + 1)]))
def test_a_file_is_named_by_its_content(store: ArtifactStore, source: Path, content: bytes) -> None:
    source.write_bytes(content)
    sha256, size_bytes = store.store_file(source)
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert size_bytes == len(content)
    assert store.path(sha256).read_bytes() == content
    assert store.has(sha256, size_bytes)
    assert not store.has(sha256, size_bytes + 1)


def test_a_large_file_is_stored_without_holding_it_in_memory(
    store: ArtifactStore, source: Path
) -> None:
    program = (
        "import resource, sys; from pathlib import Path; sys.path[:0] = sys.argv[3:]\n"
        "from controlllm.execution.artifacts import ArtifactStore\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(*ArtifactStore(Path(sys.argv[1])).store_file(Path(sys.argv[2])))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    size = 200 * 2**20 + 7
    with source.open("wb") as stream:
        stream.truncate(size)
    command = [sys.executable, "-c", program, store.root, source, *sys.path]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    with source.open("rb") as stream:
        assert told[0] == f"{hashlib.file_digest(stream, 'sha256').hexdigest()} {size}"
    grown_kib = int(told[1])
    assert grown_kib < 20 * 2**10


def test_a_stored_file_is_read_only_and_its_source_stays(
    store: ArtifactStore, source: Path
) -> None:
    sha256 = stored(store, source, b"content")
    assert stat.S_IMODE(store.path(sha256).stat().st_mode) == 0o444
    assert source.read_bytes() == b"content"
    assert files(store) == [sha256]


def test_storing_the_same_content_again_heals_the_file(store: ArtifactStore, source: Path) -> None:
    sha256 = stored(store, source, b"content")
    store.path(sha256).chmod(0o644)
    store.path(sha256).write_bytes(b"CONTENT")
    assert stored(store, source, b"content") == sha256
    assert store.path(sha256).read_bytes() == b"content"
    assert files(store) == [sha256]


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "missing"])
def test_only_a_regular_file_is_stored(
    store: ArtifactStore, source: Path, tmp_path: Path, kind: str
) -> None:
    if kind == "link":
        (tmp_path / "secret").write_text("secret")
        source.symlink_to(tmp_path / "secret")
    elif kind == "folder":
        source.mkdir()
    elif kind == "pipe":
        os.mkfifo(source)
    with pytest.raises(InvalidInput, match="cannot read source: "):
        store.store_file(source)
    assert not store.root.exists()


def test_threads_that_store_the_same_content_get_the_same_file(
    store: ArtifactStore, tmp_path: Path
) -> None:
    together = threading.Barrier(8)
    contents = [bytes([number]) * 10_000 for number in range(5)]

    def store_all(number: int) -> list[str]:
        source = tmp_path / f"source-{number}"
        together.wait()
        return [stored(store, source, content) for content in contents]

    with ThreadPoolExecutor(8) as threads:
        ends = list(threads.map(store_all, range(8)))
    expected = [hashlib.sha256(content).hexdigest() for content in contents]
    assert ends == [expected] * 8
    assert files(store) == sorted(expected)


def product(**values: object) -> Product:
    whole = Product(port="out", index=0, type=ResourceType("text"), mime="text/plain")
    return replace(whole, **values)  # type: ignore[arg-type]


def test_small_text_stays_inline(store: ArtifactStore) -> None:
    facts = MediaFacts(pages=2)
    made = product(text="nul \u0000 ä", name="a.txt", caption="two words", facts=facts)
    content = "nul \u0000 ä".encode()
    assert store.store_product(made) == Resource(
        type=ResourceType("text"),
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        mime="text/plain",
        name="a.txt",
        facts=facts,
        text="nul \u0000 ä",
        caption="two words",
    )
    assert not store.root.exists()


def test_a_file_that_a_tool_made_is_stored(store: ArtifactStore, source: Path) -> None:
    source.write_bytes(b"pixels")
    made = product(path=source, type=ResourceType("image.mask"), mime="image/png", name="m.png")
    resource = store.store_product(made)
    assert resource == Resource(
        type=ResourceType("image.mask"),
        sha256=hashlib.sha256(b"pixels").hexdigest(),
        size_bytes=6,
        mime="image/png",
        name="m.png",
    )
    store.verify(resource)


def test_the_words_of_a_tool_become_one_short_printable_line(store: ArtifactStore) -> None:
    made = product(text="x", name="a\n\x1b[31m\ud800b" + "n" * 999, caption="c\u0000" * 999)
    resource = store.store_product(made)
    assert resource.name == "a [31m b" + "n" * (NAME_LIMIT_CHARS - 9) + "…"
    assert resource.caption == ("c " * 999)[: CAPTION_LIMIT_CHARS - 1] + "…"


# Crashes and full disks

STORER = """
import random, sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from controlllm.execution.artifacts import ArtifactStore
store, choose = ArtifactStore(Path(sys.argv[1])), random.Random(int(sys.argv[2]))
source = Path(sys.argv[1]).with_name(f"source-{sys.argv[2]}")
while True:
    source.write_bytes(choose.randbytes(choose.randrange(400_000)))
    print(*store.store_file(source), flush=True)
"""


@pytest.mark.promise("P3")
def test_no_kill_leaves_half_a_file_under_a_digest(store: ArtifactStore) -> None:
    choose = random.Random(7)
    announced: dict[str, int] = {}
    for seed in range(12):
        command = [sys.executable, "-c", STORER, store.root, f"{seed}", *sys.path]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for _ in range(choose.randrange(1, 12)):
            sha256, size_bytes = process.stdout.readline().split()
            announced[sha256] = int(size_bytes)
        # now it is anywhere in the next one
        process.send_signal(signal.SIGKILL)
        for line in process.communicate()[0].splitlines():
            if line.endswith(tuple("0123456789")) and len(line.split()) == 2:
                announced.setdefault(line.split()[0], int(line.split()[1]))
    left = files(store)
    whole = [name for name in left if not name.startswith(".tmp-")]
    for name in whole:
        assert hashlib.sha256(store.path(name).read_bytes()).hexdigest() == name
    assert set(announced) <= set(whole)
    assert all(store.has(sha256, size) for sha256, size in announced.items())
    now_s = max(path.stat().st_mtime for path in store.root.rglob("*") if path.is_file()) + 1
    removed = store.sweep(announced, now_s=now_s, grace_s=0.0)
    assert sorted(path.name for path in removed) == sorted(set(left) - set(announced))
    assert files(store) == sorted(announced)


FILLER = """
import os, sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from controlllm.execution.artifacts import ArtifactStore, StorageFull
disk = Path(sys.argv[1])
store, source = ArtifactStore(disk / "store"), Path(sys.argv[0])
small, large = source.with_name("small"), source.with_name("large")
small.write_bytes(b"s" * 10_000)
large.write_bytes(os.urandom(900_000))
kept = [store.store_file(small)[0]]
try:
    store.store_file(large)
except StorageFull as error:
    print(error.kind, str(error).replace(str(disk), "DISK"))
left = sorted(p.name for p in store.root.rglob("*") if p.is_file() and p.name != ".lock")
print(left == kept, store.has(kept[0], 10_000))
small.write_bytes(b"t" * 10_000)
print(store.has(*store.store_file(small)))
"""


def test_a_full_disk_is_told_and_nothing_is_left_behind(tmp_path: Path) -> None:
    program = tmp_path / "fill.py"
    program.write_text(FILLER)
    filled = on_small_disk(tmp_path / "disk", program, size="400k")
    assert filled.stderr == ""
    assert filled.stdout.splitlines() == [
        "no_space no space is left in DISK/store; free some and run the step again",
        "True True",
        "True",
    ]


def test_a_store_that_cannot_be_written_leaves_nothing(tmp_path: Path, source: Path) -> None:
    source.write_bytes(b"content")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotADirectoryError):
        ArtifactStore(tmp_path / "file" / "store").store_file(source)


# Checking


def resource_of(store: ArtifactStore, sha256: str) -> Resource:
    size = store.path(sha256).stat().st_size
    return Resource(
        type=ResourceType("image"), sha256=sha256, size_bytes=size, mime="application/octet-stream"
    )


def test_an_untouched_file_is_what_it_was(store: ArtifactStore, source: Path) -> None:
    store.verify(resource_of(store, stored(store, source, b"")))
    store.verify(resource_of(store, stored(store, source, b"x" * 3_000_000)))
    store.verify(Resource.of_text("text", "inline"))


@pytest.mark.parametrize("place", [0, 1_500_000, 2_999_999])
def test_one_flipped_bit_is_found(store: ArtifactStore, source: Path, place: int) -> None:
    sha256 = stored(store, source, bytes(3_000_000))
    path = store.path(sha256)
    path.chmod(0o644)
    with path.open("r+b") as stream:
        stream.seek(place)
        stream.write(b"\x01")
    expected = "was changed on disk; run the step that made it again"
    with pytest.raises(CorruptArtifact, match=expected):
        store.verify(resource_of(store, sha256))
    assert store.has(sha256, 3_000_000)


def test_a_lost_file_is_found(store: ArtifactStore, source: Path) -> None:
    resource = resource_of(store, stored(store, source, b"content"))
    store.path(resource.sha256).unlink()
    with pytest.raises(CorruptArtifact, match=f"{resource.handle} is gone from the artefact store"):
        store.verify(resource)
    assert not store.has(resource.sha256, 7)


# Sweeping


def test_a_sweep_removes_what_is_old_and_not_referenced_and_nothing_else(
    store: ArtifactStore, source: Path
) -> None:
    kept, orphan, young = (stored(store, source, each) for each in (b"kept", b"old", b"young"))
    now_s = store.path(young).stat().st_mtime + 1
    leftover, writing = store.root / ".tmp-00ff", store.root / ".tmp-11ee"
    foreign = store.root / "README.txt"
    for path in (leftover, writing, foreign):
        path.write_text("x")
    for path in (store.path(kept), store.path(orphan), leftover, foreign):
        set_age(path, 2 * HOUR_S, now_s)
    set_age(store.path(young), HOUR_S / 2, now_s)
    set_age(writing, 0.0, now_s)
    removed = store.sweep({kept}, now_s=now_s, grace_s=HOUR_S)
    assert sorted(removed) == sorted([leftover, store.path(orphan)])
    assert files(store) == sorted([kept, young, ".tmp-11ee", "README.txt"])
    assert store.sweep({kept}, now_s=now_s, grace_s=HOUR_S) == []


def test_a_store_without_files_is_swept(store: ArtifactStore) -> None:
    assert store.sweep((), now_s=0.0, grace_s=0.0) == []
    assert not store.root.exists()


def test_content_that_is_stored_again_is_young_again(store: ArtifactStore, source: Path) -> None:
    """A step that is about to commit must find the file that an old orphan has become."""
    sha256 = stored(store, source, b"content")
    now_s = store.path(sha256).stat().st_mtime
    set_age(store.path(sha256), 2 * HOUR_S, now_s)
    assert stored(store, source, b"content") == sha256
    assert store.sweep((), now_s=now_s, grace_s=HOUR_S) == []
    assert store.has(sha256, 7)


def test_a_sweep_waits_for_a_file_that_is_being_put_in_place(
    store: ArtifactStore, source: Path
) -> None:
    """Else it might look at the old orphan of that name and remove the new file."""
    sha256 = stored(store, source, b"content")
    now_s = store.path(sha256).stat().st_mtime
    set_age(store.path(sha256), 2 * HOUR_S, now_s)
    removed: list[list[Path]] = []
    sweep = threading.Thread(
        target=lambda: removed.append(store.sweep((), now_s=now_s, grace_s=HOUR_S))
    )
    with (store.root / ".lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        sweep.start()
        sweep.join(timeout=0.2)
        assert sweep.is_alive()
        set_age(store.path(sha256), 0.0, now_s)
    sweep.join()
    assert removed == [[]]
    assert store.has(sha256, 7)


def test_a_sweep_never_removes_what_is_stored_meanwhile(
    store: ArtifactStore, tmp_path: Path
) -> None:
    """Sweeps run while the same contents, old orphans at first, are stored again and again."""
    contents = [bytes([number]) * 100 for number in range(20)]
    first = tmp_path / "first"
    digests = [stored(store, first, content) for content in contents]
    now_s = store.path(digests[-1]).stat().st_mtime
    stop = threading.Event()

    def sweep() -> int:
        count = 0
        while not stop.is_set():
            count += len(store.sweep((), now_s=now_s, grace_s=HOUR_S))
        return count

    with ThreadPoolExecutor(2) as threads:
        sweeping = threads.submit(sweep)
        for _ in range(10):
            for sha256, content in zip(digests, contents, strict=True):
                if store.has(sha256, 100):
                    set_age(store.path(sha256), 2 * HOUR_S, now_s)
                assert stored(store, tmp_path / "source", content) == sha256
                assert store.has(sha256, 100)
        stop.set()
        sweeping.result()  # no sweep failed
    assert files(store) == sorted(digests)
