"""What was read of clauses travels with the tasks, for people."""

import numpy as np
from worlds import GRAPH, request

from controlllm_planner.decompose.account import as_written, clause_of
from controlllm_planner.decompose.by_matching import ByMatching
from controlllm_planner.decompose.mentions import mark
from controlllm_planner.matching.match import Match
from controlllm_planner.matching.model import Matcher
from controlllm_planner.relevance import LexicalRelevance
from controlllm_planner.task import Clause, Task

LEXICAL = LexicalRelevance(GRAPH)
DECOMPOSER = ByMatching(GRAPH, LEXICAL, Matcher.shipped(GRAPH, LEXICAL))


def tasks(text: str, *attachments: str) -> tuple[Task, ...]:
    return DECOMPOSER.decompose(request(text, *attachments))


def test_a_clause_is_told_with_its_likeliest_tools_and_no_unlikely_ones() -> None:
    match = Match(np.array([0.001, 0.2, 0.7], dtype=np.float32), 0.099)
    told = clause_of("blur it", match, ("a", "b", "c"), asks=True)
    assert told == Clause(text="blur it", asks=True, none=0.099, tools=(("c", 0.7), ("b", 0.2)))


def test_mentions_are_written_as_they_were() -> None:
    marked = mark("put the title 'Our day' on a.png", request("", "a.png:image").attachments)
    assert as_written(marked.text, marked) == 'put the title "Our day" on a.png'


def test_every_clause_of_a_request_is_told_of_with_the_wish_it_belongs_to() -> None:
    blur, read = tasks("Hello there. Blur photo.png, then read the words in it", "photo.png:image")
    assert [clause.text for clause in blur.clauses] == ["Hello there.", "Blur photo.png"]
    assert [clause.asks for clause in blur.clauses] == [False, True]
    assert read.clauses[0].text == "read the words in it"
    assert read.clauses[0].tools[0][0] == "read_words"


def test_a_clause_that_refuses_stands_with_the_wish_before_it() -> None:
    (blur,) = tasks("Blur photo.png. Don't read the words in it.", "photo.png:image")
    assert [(clause.text, clause.refuses) for clause in blur.clauses] == [
        ("Blur photo.png.", False),
        ("Don't read the words in it.", True),
    ]


def test_what_was_read_makes_no_other_task() -> None:
    (one,) = tasks("Blur photo.png", "photo.png:image")
    (other,) = tasks("blur photo.png", "photo.png:image")
    assert one.clauses != other.clauses
    assert (one.wants, one.endings, one.given[:1]) == (other.wants, other.endings, other.given[:1])
