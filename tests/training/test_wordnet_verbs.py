"""Vectors for verbs of several words, from a WordNet of two senses."""

from pathlib import Path

import numpy as np
import pytest

from training.wordnet_verbs import with_synonyms

DATA = """\
  1 a comment
00000010 30 v 02 take_away 0 remove 0 001 @ 00000020 v 0000 01 + 08 00 | take from a place
00000020 30 v 01 shift 0 000 01 + 08 00 | move
00000030 30 v 01 take_away 1 000 01 + 08 00 | a sense that has no other verb
00000050 30 v 02 crop_out 0 remove 0 000 01 + 08 00 | a sense that no text was met with
00000040 30 v 02 go_wild 0 run_wild 0 001 ! 00000020 v 0101 01 + 08 00 | no single word
"""
INDEX = """\
  1 a comment
take_away v 2 1 @ 2 2 00000030 00000010
go_wild v 1 1 ! 1 1 00000040
crop_out v 1 0 1 0 00000050
shift v 1 0 1 1 00000020
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data.verb").write_text(DATA)
    (tmp_path / "index.verb").write_text(INDEX)
    return tmp_path


def test_a_verb_points_between_its_synonyms_and_the_verbs_above_it(folder: Path) -> None:
    known = {"remove": np.array([2.0, 0.0]), "shift": np.array([0.0, 4.0])}
    found = with_synonyms(folder, known)
    assert list(found) == ["take away"]
    assert found["take away"] == pytest.approx(np.array([1.0, 1.0]) / np.sqrt(2) * 3)


def test_a_sense_that_was_never_met_gives_no_vector(folder: Path) -> None:
    assert "crop out" not in with_synonyms(folder, {"remove": np.array([2.0, 0.0])})


def test_a_verb_without_a_known_synonym_gets_no_vector(folder: Path) -> None:
    assert with_synonyms(folder, {"fly": np.array([1.0, 0.0])}) == {}
