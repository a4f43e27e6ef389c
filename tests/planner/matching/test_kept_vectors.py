"""Vectors of texts, kept in a folder."""

import resource
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from encoders import write_encoder

from controlllm_planner.matching import kept_vectors
from controlllm_planner.matching.kept_vectors import KeptVectors
from controlllm_planner.matching.sentence_encoder import SentenceEncoder
from controlllm_planner.matching.word_vectors import Matrix

MEANINGS = {"dog": (1, 0.3, 0), "song": (0, 1, 0.2), "loud": (0.1, 0, 1)}


class Watched(SentenceEncoder):
    """An encoder that remembers what it was asked."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Matrix:
        self.asked += texts
        return super().encode(texts)


@pytest.fixture
def encoder(tmp_path: Path) -> Watched:
    return Watched(write_encoder(tmp_path / "model", MEANINGS))


def test_a_text_is_encoded_once_and_comes_back_the_same(encoder: Watched, tmp_path: Path) -> None:
    texts = ["dog song", "loud", "dog song", ""]
    fresh = encoder.encode(texts)
    first = KeptVectors(encoder, tmp_path / "cache").encode(texts)
    encoder.asked.clear()
    again = KeptVectors(encoder, tmp_path / "cache").encode([*texts, "song"])
    assert np.array_equal(first, fresh)
    assert np.array_equal(again[:4], fresh)
    assert encoder.asked == ["song"]


def test_another_encoder_does_not_get_these_vectors(encoder: Watched, tmp_path: Path) -> None:
    KeptVectors(encoder, tmp_path).encode(["dog"])
    other = Watched(write_encoder(tmp_path / "other", {"dog": (0, 0, 1)}))
    assert KeptVectors(other, tmp_path).encode(["dog"])[0] == pytest.approx([0, 0, 1])
    assert other.asked == ["dog"]


def test_whatever_bit_of_a_file_is_damaged_it_is_made_anew_or_holds_what_it_held(
    encoder: Watched, tmp_path: Path
) -> None:
    fresh = KeptVectors(encoder, tmp_path).encode(["dog"])
    (file,) = tmp_path.glob("sentences-*.npz")
    whole = file.read_bytes()
    for at in range(0, len(whole), 3):
        damaged = bytearray(whole)
        damaged[at] ^= 1 << at % 8
        file.write_bytes(damaged)
        assert np.array_equal(KeptVectors(encoder, tmp_path).encode(["dog"]), fresh)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"no archive"])
def test_a_file_that_cannot_be_read_is_made_anew(
    encoder: Watched, tmp_path: Path, content: bytes
) -> None:
    kept = KeptVectors(encoder, tmp_path)
    kept.encode(["dog"])
    (file,) = tmp_path.glob("*.npz")
    file.write_bytes(content)
    assert np.array_equal(kept.encode(["dog"]), encoder.encode(["dog"]))
    encoder.asked.clear()
    kept.encode(["dog"])
    assert encoder.asked == []


def test_a_folder_that_cannot_be_written_costs_time_only(encoder: Watched, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    kept = KeptVectors(encoder, tmp_path / "file" / "cache")
    assert np.array_equal(kept.encode(["dog"]), encoder.encode(["dog"]))


def test_a_file_that_cannot_be_finished_leaves_nothing_behind(
    encoder: Watched, tmp_path: Path
) -> None:
    kept, cache = KeptVectors(encoder, tmp_path / "cache"), tmp_path / "cache"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # as a disk that gets full
    try:
        found = kept.encode(["dog"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert np.array_equal(found, encoder.encode(["dog"]))
    assert list(cache.iterdir()) == []
    kept.encode(["dog"])
    assert [each.suffix for each in cache.iterdir()] == [".npz"]


def test_the_file_does_not_grow_for_ever(
    encoder: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_vectors, "_MOST", 4)
    kept = KeptVectors(encoder, tmp_path / "cache")
    kept.encode(["dog", "song", "loud"])
    kept.encode(["song", "dog loud", "song loud"])  # five texts: only the last catalogue's stay
    encoder.asked.clear()
    kept.encode(["song", "dog loud", "song loud"])
    assert encoder.asked == []
    kept.encode(["dog"])
    assert encoder.asked == ["dog"]
    assert [each.suffix for each in (tmp_path / "cache").iterdir()] == [".npz"]


def test_reading_that_takes_long_is_told_of_and_makes_the_same(
    encoder: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_vectors, "_AT_ONCE", 2)
    texts, seen = ["dog", "song", "loud", "dog loud", "song loud"], list[tuple[int, int]]()
    reader = KeptVectors(encoder, tmp_path, lambda done, total: seen.append((done, total)))
    assert np.array_equal(reader.encode(texts), encoder.encode(texts))
    assert seen == [(0, 5), (2, 5), (4, 5), (5, 5)]
    reader.encode(texts)
    reader.encode(["dog song", "dog song loud"])
    assert len(seen) == 4
