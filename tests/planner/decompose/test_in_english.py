"""A decomposer of English meets other languages."""

import subprocess
import sys

import pytest
from worlds import GRAPH, request

from controlllm_planner.decompose.by_matching import ByMatching
from controlllm_planner.decompose.in_english import InEnglish
from controlllm_planner.errors import CannotDecompose
from controlllm_planner.matching.model import Matcher
from controlllm_planner.relevance import LexicalRelevance

LEXICAL = LexicalRelevance(GRAPH)
MATCHING = ByMatching(GRAPH, LEXICAL, Matcher.shipped(GRAPH, LEXICAL))
ENGLISH = InEnglish(MATCHING, LEXICAL)


@pytest.mark.parametrize("text", ["Blur photo.png", "Read the words in photo.png, summarise them"])
def test_english_is_handed_on_as_it_is(text: str) -> None:
    asked = request(text, "photo.png:image")
    tasks = ENGLISH.decompose(asked)
    assert tasks == MATCHING.decompose(asked)
    assert {task.note for task in tasks} == {""}


def test_what_the_catalogue_shares_with_another_language_is_planned_with_a_note() -> None:
    asked = request("Mach eine Collage aus a.png und b.png", "a.png:image", "b.png:image")
    (task,) = ENGLISH.decompose(asked)
    assert [each.tool for each in task.endings] == ["collage"]
    assert task.note.startswith("this looks like German (de), and ControlLLM reads English")
    assert "'Collage', 'a.png', 'b.png'" in task.note


def test_what_cannot_be_read_is_refused_by_its_language_and_not_guessed_at() -> None:
    asked = request("Schneide die ersten zehn Sekunden aus clip.mp4 heraus", "clip.mp4:video")
    with pytest.raises(CannotDecompose) as caught:
        ENGLISH.decompose(asked)
    assert caught.value.language == "German (de)"
    assert caught.value.understood == ("clip.mp4",)
    assert "say in English what should be made" in str(caught.value)


def test_words_without_a_language_are_refused_as_before() -> None:
    with pytest.raises(CannotDecompose) as caught:
        ENGLISH.decompose(request("\U0001f44d"))
    assert caught.value.language == ""


def test_the_model_of_languages_is_not_loaded_for_english() -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests'); import worlds\n"
        "from controlllm_planner.decompose.in_english import InEnglish\n"
        "from controlllm_planner.relevance import LexicalRelevance\n"
        "known = InEnglish(worlds.planner().decomposer, LexicalRelevance(worlds.GRAPH))\n"
        "known.decompose(worlds.request('Blur photo.png', 'photo.png:image'))\n"
        "print('py3langid' in sys.modules)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert ended.stdout.strip() == "False"
