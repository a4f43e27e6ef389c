"""Words that are ruled out by those before them."""

import pytest

from controlllm_planner.arguments.refused import is_refused


@pytest.mark.parametrize(
    "said",
    [
        "not red",
        "green not as a red",
        "never in the red",
        "without red",
        "instead of red",
        "rather than to use red",
    ],
)
def test_a_word_is_ruled_out_by_a_no_before_it(said: str) -> None:
    words = said.split()
    assert is_refused(words, words.index("red"))


@pytest.mark.parametrize(
    "said",
    ["red", "as red", "not only red", "green instead red", "rather red", "not green but red"],
)
def test_any_other_word_is_wished_for(said: str) -> None:
    words = said.split()
    assert not is_refused(words, words.index("red"))
