"""Texts for the small encoder, from a WordNet of a few words and a package of one module."""

import random
from pathlib import Path

import pytest

from training.clause_corpus import WordNet, docstrings, swapped

INDEX = {
    "noun": "dog n 1 1 @ 1 1 00000010\ncup_of_tea n 1 0 1 1 00000020\nzho n 1 0 1 0 00000030\n",
    "verb": "chase v 1 0 1 1 00000040\n",
    "adj": "big a 2 0 2 0 00000050 00000060\n",
}
DATA = (
    '00000010 05 n 01 dog 0 000 | a tame wolf; barks at night; "the dog barked all night"\n'
    "  1 a comment\n"
)


@pytest.fixture
def wordnet(tmp_path: Path) -> WordNet:
    for pos, lines in INDEX.items():
        (tmp_path / f"index.{pos}").write_text(f"  1 a comment\n{lines}")
    for pos in ("noun", "verb", "adj", "adv"):
        (tmp_path / f"data.{pos}").write_text(DATA if pos == "noun" else "")
    return WordNet(tmp_path)


def test_single_words_are_taken_that_were_met_or_mean_several_things(wordnet: WordNet) -> None:
    assert wordnet.lemmas == {"noun": ["dog"], "verb": ["chase"], "adj": ["big"]}


def test_glosses_and_examples_are_told_apart(wordnet: WordNet) -> None:
    assert [each.strip() for each in wordnet.glosses()] == ["a tame wolf", "barks at night"]
    assert list(wordnet.examples()) == ["the dog barked all night"]


def test_words_are_swapped_for_others_of_their_kind_and_small_ones_stay(wordnet: WordNet) -> None:
    wordnet.lemmas["noun"].append("cat")
    texts = {swapped("chase the dog, then it", wordnet, random.Random(n)) for n in range(60)}
    assert texts == {"chase the dog, then it", "chase the cat, then it"}


def test_the_first_sentence_of_each_docstring_is_read(tmp_path: Path) -> None:
    code = '"""A module."""\ndef one():\n    """Return `one`. Always.\n\n    More."""\n'
    (tmp_path / "module.py").write_text(code)
    (tmp_path / "broken.py").write_text("def")
    assert list(docstrings([tmp_path])) == ["Return one."]
