"""What a clause asks for, in figures."""

import numpy as np
import pytest

from controlllm_planner.matching.match import Match


def odds(*tools: float) -> np.ndarray:
    return np.array(tools, dtype=np.float32)


def test_scores_become_probabilities_of_all_tools_and_none() -> None:
    [match] = Match.of_scores(odds(0.0), odds(0.0, np.log(2.0))[None])
    assert match.none == pytest.approx(0.25)
    assert match.tools == pytest.approx([0.25, 0.5])
    assert (match.likeliest, match.best) == (1, pytest.approx(0.5))


def test_huge_scores_do_not_overflow() -> None:
    [match] = Match.of_scores(odds(1e4), odds(-1e4, 1e4)[None])
    assert match.none == pytest.approx(0.5)
    assert match.tools == pytest.approx([0.0, 0.5])


def test_without_tools_a_clause_asks_for_none() -> None:
    [match] = Match.of_scores(odds(-3.0), np.zeros((1, 0), dtype=np.float32))
    assert match.none == 1.0


def test_a_temperature_makes_it_less_sure_and_changes_no_choice() -> None:
    none, tools = odds(0.5, 3.0, 0.0), np.array([odds(2.0, -1.0), odds(1.0, 1.5), odds(0.1, 0.2)])
    as_scored, cooled = Match.of_scores(none, tools), Match.of_scores(none, tools, 3.0)
    for sure, unsure in zip(as_scored, cooled, strict=True):
        assert sure.tools.argsort().tolist() == unsure.tools.argsort().tolist()
        assert (sure.best > sure.none) == (unsure.best > unsure.none)
        assert max(unsure.best, unsure.none) < max(sure.best, sure.none)


def test_two_views_count_alike_and_are_surer_together() -> None:
    views = [Match(odds(0.8, 0.1), 0.1), Match(odds(0.2, 0.5), 0.3)]
    together = Match.together(views)
    assert together.none + float(together.tools.sum()) == pytest.approx(1.0)
    assert together.tools[0] > 0.5
    assert together.tools[0] > together.tools[1] > together.none
    assert together.none < 0.2
    assert Match.together(views[::-1]).tools == pytest.approx(together.tools)


def test_one_view_is_taken_as_it_is() -> None:
    only = Match(odds(0.8, 0.1), 0.1)
    assert Match.together([only]) is only
