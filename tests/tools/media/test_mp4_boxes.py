"""The box structure of an MP4 is read without believing what it says."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlllm_tools.media.mp4_boxes import is_cut_off, lies_on_its_side

ONE = 0x00010000
UPRIGHT, QUARTER, HALF = (ONE, 0, 0, ONE), (0, ONE, -ONE, 0), (-ONE, 0, 0, -ONE)
BACK = (0, -ONE, ONE, 0)


def box(name: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", 8 + len(body)) + name + body


def track(matrix: tuple[int, ...], *, version: int = 0, handler: bytes = b"vide") -> bytes:
    a, b, c, d = matrix
    before = 52 if version else 40
    header = bytes([version]) + bytes(before - 1)
    header += struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30) + bytes(8)
    return box(b"trak", box(b"tkhd", header), box(b"mdia", box(b"hdlr", bytes(8), handler)))


def film(tmp_path: Path, *tracks: bytes) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(box(b"ftyp", b"isom") + box(b"moov", box(b"mvhd"), *tracks) + box(b"mdat"))
    return path


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize(
    ("matrix", "on_its_side"), [(UPRIGHT, False), (QUARTER, True), (HALF, False), (BACK, True)]
)
def test_a_quarter_turn_is_seen_in_both_versions_of_the_header(
    tmp_path: Path, version: int, matrix: tuple[int, ...], *, on_its_side: bool
) -> None:
    path = film(tmp_path, track(matrix, version=version))
    assert lies_on_its_side(path) is on_its_side
    assert not is_cut_off(path)


def test_only_the_first_track_of_pictures_counts(tmp_path: Path) -> None:
    sound, lying, upright = track(QUARTER, handler=b"soun"), track(QUARTER), track(UPRIGHT)
    assert not lies_on_its_side(film(tmp_path, sound, upright, lying))
    assert lies_on_its_side(film(tmp_path, sound, lying, upright))
    assert not lies_on_its_side(film(tmp_path))


@pytest.mark.parametrize(
    ("content", "cut_off"),
    [
        (box(b"ftyp"), False),
        (box(b"ftyp") + b"\x00" * 7, False),
        (box(b"ftyp") + struct.pack(">I", 0) + b"mdat" + b"x" * 50, False),
        (box(b"ftyp") + struct.pack(">I4sQ", 1, b"mdat", 20) + b"xxxx", False),
        (box(b"ftyp") + struct.pack(">I4sQ", 1, b"mdat", 2**40), True),
        (box(b"ftyp") + struct.pack(">I", 100) + b"mdat" + b"x" * 50, True),
        (box(b"ftyp") + struct.pack(">I", 5) + b"mdat" + b"x" * 50, True),
    ],
)
def test_a_box_that_ends_after_the_file_is_cut_off(
    tmp_path: Path, content: bytes, *, cut_off: bool
) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    assert is_cut_off(tmp_path / "a.mp4") is cut_off


@given(st.binary(max_size=400), st.sampled_from([b"", b"\x00\x00\x01\x00moov\x00\x00\x00\xf0trak"]))
def test_any_bytes_are_read_to_an_end(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, head: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.mp4"
    path.write_bytes(head + content)
    assert is_cut_off(path) in {True, False}
    assert lies_on_its_side(path) in {True, False}
