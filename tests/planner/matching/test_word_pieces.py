"""The pieces of a text, against what the published tokenizer of BERT gives."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlllm_planner.matching.word_pieces import NoWordPieces, WordPieces

WORDS = "[UNK] [CLS] [SEP] read the pic ##ture ##s un ##read ! , ' $ cafe 漢 字 a ##a Read".split()
NUMBER = {word: row for row, word in enumerate(WORDS)}
PIECES = WordPieces(NUMBER)


def read(text: str, pieces: WordPieces = PIECES, limit: int = 64) -> list[str]:
    return [WORDS[each] for each in pieces.ids(text, limit)][1:-1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Read the pictures!", ["read", "the", "pic", "##ture", "##s", "!"]),
        ("unread", ["un", "##read"]),
        ("read,the $", ["read", ",", "the", "$"]),
        ("café CAFÉ", ["cafe", "cafe"]),
        ("漢字", ["漢", "字"]),
        ("read\u200bthe\tpic\x00ture", ["[UNK]", "pic", "##ture"]),
        ("picnic", ["[UNK]"]),
        ("a" * 100, ["a"] + ["##a"] * 99),
        ("a" * 101, ["[UNK]"]),
        ("", []),
    ],
)
def test_texts_fall_into_the_longest_known_pieces(text: str, found: list[str]) -> None:
    assert read(text, limit=200) == found


def test_case_and_accents_stay_where_the_vocabulary_has_them() -> None:
    assert read("Read café", WordPieces(NUMBER, lower=False)) == ["Read", "[UNK]"]


@given(st.text(), st.integers(min_value=2, max_value=20))
def test_every_text_has_its_marks_and_no_more_pieces_than_asked_for(text: str, limit: int) -> None:
    ids = PIECES.ids(text, limit)
    assert len(ids) <= limit
    assert (ids[0], ids[-1]) == (NUMBER["[CLS]"], NUMBER["[SEP]"])
    assert all(0 <= each < len(WORDS) for each in ids)


def test_a_folder_is_read_by_its_description_before_its_list(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    assert WordPieces.of_folder(tmp_path).ids("Read", 8) == [1, NUMBER["read"], 2]
    described = {
        "normalizer": {"type": "BertNormalizer", "lowercase": False},
        "model": {"type": "WordPiece", "vocab": NUMBER},
    }
    (tmp_path / "tokenizer.json").write_text(json.dumps(described), encoding="utf-8")
    assert WordPieces.of_folder(tmp_path).ids("Read", 8) == [1, NUMBER["Read"], 2]


@pytest.mark.parametrize(
    "content",
    ["{", "[]", "{}", '{"model": {"type": "BPE", "vocab": {}}}', '{"model": {"vocab": {"a": 1}}}'],
)
def test_another_kind_of_vocabulary_is_refused_by_name(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokenizer.json").write_text(content, encoding="utf-8")
    with pytest.raises(NoWordPieces, match="WordPiece"):
        WordPieces.of_folder(tmp_path)


def test_a_folder_without_a_vocabulary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoWordPieces, match=r"vocab\.txt"):
        WordPieces.of_folder(tmp_path)
