"""Which tool a clause asks for, with the weights that are shipped."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from encoders import write_encoder
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import CARDS, GRAPH, TYPES, card

from controlllm_planner.matching.card_sentences import SENTENCE_FEATURES, CardSentences
from controlllm_planner.matching.features import CLAUSE_FEATURES, TOOL_FEATURES, ClauseWords
from controlllm_planner.matching.model import Matcher
from controlllm_planner.matching.sentence_encoder import EncoderUnusable, SentenceEncoder
from controlllm_planner.matching.weights import PROBE, MatcherWeights
from controlllm_planner.relevance import LexicalRelevance
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import ToolCard
from controlllm_tools.registry import Link
from controlllm_tools.resources import ResourceType

AUDIO, IMAGE, TEXT = (ResourceType(name) for name in ("audio", "image", "text"))

MADE_UP = ToolGraph(
    [
        card(
            "automatic_speech_recognition",
            "audio:audio",
            "text:text",
            "Speech recognition: turn spoken words into text.",
        ),
        card("text_to_speech", "text:text", "audio:audio", "Read a text aloud as speech."),
        card("image_upscaling", "image:image", "image:image", "Make a picture larger."),
        card("image_captioning", "image:image", "text:text", "Say in words what a picture shows."),
        card("translation", "text:text", "text:text", "Translate a text to another language."),
        card("mood_analysis", "text:text", "number:number", "Sentiment: good or bad mood."),
    ],
    TYPES,
)


def matcher(graph: ToolGraph, *, words: bool = True) -> Matcher:
    lexical = LexicalRelevance(graph)
    return Matcher.shipped(graph, lexical) if words else Matcher(graph, lexical)


def asked(text: str, *types: ResourceType, **more: bool) -> ClauseWords:
    return ClauseWords(text=text, types=types, **more)


SHIPPED, LEXICAL = matcher(MADE_UP), matcher(MADE_UP, words=False)


@pytest.mark.parametrize(
    ("text", "at_hand", "tool"),
    [
        ("Transcribe the interview", AUDIO, "automatic_speech_recognition"),
        ("Upscale the photo", IMAGE, "image_upscaling"),
        ("Caption the photograph", IMAGE, "image_captioning"),
        ("Convert the article into French", TEXT, "translation"),
        ("Is the review happy or angry? question", TEXT, "mood_analysis"),
        ("Read the letter to me", TEXT, "text_to_speech"),
    ],
)
def test_a_tool_is_found_by_words_that_its_card_does_not_say(
    text: str, at_hand: ResourceType, tool: str
) -> None:
    (match,) = SHIPPED.match([asked(text, at_hand)], [at_hand])
    assert MADE_UP.cards[match.likeliest].name == tool


def test_small_talk_asks_for_no_tool() -> None:
    (match,) = SHIPPED.match([asked("The weather is lovely today")], [TEXT])
    assert match.none > 0.75


def test_the_verb_of_a_card_asks_for_its_tool_even_without_vectors() -> None:
    (match,) = LEXICAL.match([asked("translate the text", TEXT)], [TEXT])
    assert MADE_UP.cards[match.likeliest].name == "translation"
    assert match.best > match.none


def test_without_vectors_a_word_that_no_card_says_is_no_ground_for_a_choice() -> None:
    known, unknown = LEXICAL.match([asked("translate it"), asked("dictate it")], [TEXT])
    assert unknown.none > known.none


@given(
    st.lists(
        st.builds(
            asked,
            st.text(max_size=40) | st.sampled_from(["translate it", "transcribe", "a", ""]),
            hands_over=st.booleans(),
            points=st.booleans(),
        ),
        max_size=5,
    ),
    st.lists(st.sampled_from([AUDIO, IMAGE, TEXT, ResourceType("smell")]), max_size=4),
)
@settings(max_examples=100, deadline=None)
def test_the_figures_of_every_clause_are_probabilities(
    clauses: list[ClauseWords], given_types: list[ResourceType]
) -> None:
    for each in (SHIPPED, LEXICAL):
        matches = each.match(clauses, given_types)
        assert len(matches) == len(clauses)
        for match in matches:
            assert match.none + float(match.tools.sum()) == pytest.approx(1.0, abs=1e-4)
            assert 0 <= match.none <= 1
            assert (match.tools >= 0).all()


def with_links(*links: Link) -> Matcher:
    return matcher(ToolGraph(MADE_UP.cards, TYPES, links))


def test_a_tool_that_links_lead_to_gains_and_the_more_the_heavier_they_are() -> None:
    clauses = [asked("transcribe the interview", AUDIO), asked("then improve it")]
    target = MADE_UP.tool_number["translation"]
    found = []
    for weight in (0, 1, 50):
        link = Link(source="automatic_speech_recognition", target="translation", weight=weight)
        found.append(float(with_links(link).match(clauses, [AUDIO])[1].tools[target]))
    assert found[0] < found[1] < found[2]


def test_a_link_says_nothing_of_the_first_clause() -> None:
    link = Link(source="automatic_speech_recognition", target="translation", weight=50)
    clause = [asked("transcribe the interview", AUDIO)]
    (plain,), (linked,) = SHIPPED.match(clause, [AUDIO]), with_links(link).match(clause, [AUDIO])
    assert np.array_equal(plain.tools, linked.tools)


def test_what_is_at_hand_tells_two_tools_of_one_name_apart() -> None:
    graph = ToolGraph(
        [
            card("enhance_sound", "audio:audio", "audio:audio", "Enhance."),
            card("enhance_photo", "image:image", "image:image", "Enhance."),
        ],
        TYPES,
    )
    clause = [asked("enhance it")]
    (sound,), (photo,) = (matcher(graph).match(clause, [given_]) for given_ in (AUDIO, IMAGE))
    number = graph.tool_number
    assert sound.tools[number["enhance_sound"]] > sound.tools[number["enhance_photo"]]
    assert photo.tools[number["enhance_photo"]] > photo.tools[number["enhance_sound"]]


def test_equal_clauses_of_equal_catalogues_get_equal_figures() -> None:
    clauses = [asked("blur the photo", IMAGE), asked("read the words in it")]
    one = matcher(GRAPH).match(clauses, [IMAGE])
    other = matcher(ToolGraph(reversed(CARDS), TYPES)).match(clauses, [IMAGE])
    for before, after in zip(one, other, strict=True):
        assert np.array_equal(before.tools, after.tools)
        assert before.none == after.none


@pytest.mark.parametrize("cards", [[], [CARDS[0]], [replace(CARDS[0], inputs=(), outputs=())]])
def test_catalogues_of_no_tool_one_tool_and_no_types_are_matched(cards: list[ToolCard]) -> None:
    for words in (True, False):
        graph = ToolGraph(cards)
        (match,) = matcher(graph, words=words).match([asked("blur it")], [IMAGE])
        assert match.tools.shape == (len(cards),)


def test_no_clause_gives_no_match() -> None:
    assert SHIPPED.match([], [IMAGE]) == ()


def with_sentences(folder: Path, **changed: object) -> Matcher:
    """A matcher that sees nothing in words, and goes by what a tiny encoder reads."""
    encoder = SentenceEncoder(write_encoder(folder, {"lull": (1, 0), "blare": (0, 1), "a": (1, 1)}))
    cards = [
        card("soothe", "audio:audio", "audio:audio", "lull"),
        card("annoy", "audio:audio", "audio:audio", "blare"),
    ]
    graph = ToolGraph(cards, TYPES)
    nothing = np.zeros(TOOL_FEATURES, dtype=np.float32)
    silent = MatcherWeights(
        tool=nothing,
        clause=np.zeros(CLAUSE_FEATURES, dtype=np.float32),
        mute=np.zeros(2, dtype=np.float32),
        words=np.zeros((2, 1), dtype=np.float32),
        cards=np.zeros((2, 1), dtype=np.float32),
        name_share=0.5,
        bias=-1.0,
        at_hand=nothing[:2],
        flow=nothing[:3],
    )
    near = np.full(SENTENCE_FEATURES, 2.0, dtype=np.float32)
    known = replace(silent, near=near, probe=encoder.encode([PROBE])[0])
    return Matcher(
        graph,
        LexicalRelevance(graph),
        sentences=CardSentences(graph.cards, encoder),
        weights=(silent, replace(known, **changed)),
    )


def test_with_an_encoder_a_tool_is_found_by_what_a_sentence_means(tmp_path: Path) -> None:
    sentences = with_sentences(tmp_path)
    lull, blare, other = sentences.match([asked("lull"), asked("blare"), asked("zzz")], [])
    assert (lull.likeliest, blare.likeliest) == (1, 0)
    assert min(lull.best, blare.best) > 0.5
    assert other.none > other.best
    assert lull.none > lull.tools[0]


def test_all_clauses_of_a_request_are_encoded_in_one_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentences = with_sentences(tmp_path)
    passes: list[list[str]] = []
    encode = SentenceEncoder.encode

    def watched(self: SentenceEncoder, texts: list[str]) -> np.ndarray:
        passes.append(texts)
        return encode(self, texts)

    monkeypatch.setattr(SentenceEncoder, "encode", watched)
    together = sentences.match([asked("lull"), asked("blare lull"), asked("lull")], [])
    assert passes == [["lull", "blare lull", "lull"]]
    assert np.array_equal(together[0].tools, together[2].tools)
    assert sentences.match([], []) == ()


def test_an_encoder_that_the_weights_do_not_know_is_refused(tmp_path: Path) -> None:
    other = np.array([0.0, 1.0], dtype=np.float32) * -1
    for probe in (other, np.ones(3, dtype=np.float32), None):
        with pytest.raises(EncoderUnusable, match=r"fit_matcher\.py"):
            with_sentences(tmp_path, probe=probe)
