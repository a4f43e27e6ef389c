"""Tags are few, short, in lower case, and about the subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.video_facts import read_video_facts
from controlllm_tools.media.words import medium_words
from controlllm_tools.perform import Product
from controlllm_tools.resources import canonical_json
from controlllm_tools.samples.texts import ARTICLE
from controlllm_tools.samples.values import FACTS_VIDEO
from controlllm_tools.text.describe_video import describe
from controlllm_tools.text.tag_text import tags_of

Use = Callable[..., Mapping[str, Product]]


def test_tags_of_a_described_video_are_about_what_it_shows(use: Use) -> None:
    description = describe(read_video_facts(canonical_json(FACTS_VIDEO)))
    product = use("tag_text", text=description)["tags"]
    tags = (product.text or "").split(", ")
    assert product.type == "text.tags"
    assert {"harbour", "dawn"} <= {word for tag in tags for word in tag.split()}
    assert "blue" in " ".join(tags)
    assert not {word for tag in tags for word in tag.split()} & medium_words()


def test_a_clip_without_words_is_not_tagged_by_how_it_is_described(use: Use) -> None:
    facts = replace(read_video_facts(canonical_json(FACTS_VIDEO)), texts=())
    tags = tags_of(describe(facts))
    assert {"blue", "warm colours"} <= set(tags)
    assert not {"runs", "stands", "moderate"} & set(tags)


def test_an_article_has_many_tags_and_a_sentence_few() -> None:
    assert len(tags_of(ARTICLE)) == 8
    assert 3 <= len(tags_of("Two red boats sail into the quiet harbour.")) <= 5
    assert tags_of("Hello") == ("hello",)


def test_a_text_about_a_video_as_such_is_tagged_all_the_same() -> None:
    assert tags_of("The video format has a long duration.")


@given(st.text(st.sampled_from("aB cdé\u2019-,.1\n"), max_size=300))
def test_tags_are_lower_case_distinct_and_hold_no_comma(text: str) -> None:
    tags = tags_of(text)
    assert len(tags) == len(set(tags)) <= 8
    for tag in tags:
        assert tag == tag.lower().strip()
        assert "," not in tag
        assert 1 <= len(tag.split()) <= 2


def test_a_text_without_words_is_refused(use: Use) -> None:
    with pytest.raises(InvalidInput, match="no words to make tags of"):
        use("tag_text", text="1984 !!!")
