"""What was seen in a video names it; a text without words is taken as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.headline import title_of
from controlllm_tools.media.video_facts import read_video_facts
from controlllm_tools.media.words import medium_words
from controlllm_tools.perform import Product
from controlllm_tools.resources import canonical_json
from controlllm_tools.samples.values import FACTS_VIDEO
from controlllm_tools.text.describe_video import describe

Use = Callable[..., Mapping[str, Product]]


def test_the_words_on_the_screen_of_a_described_video_name_it(use: Use) -> None:
    description = describe(read_video_facts(canonical_json(FACTS_VIDEO)))
    product = use("title_text", text=description)["title"]
    assert product.text == "Harbour at Dawn"
    assert product.type == "text.title"


def test_without_words_on_the_screen_the_title_speaks_of_what_is_seen() -> None:
    description = describe(read_video_facts(canonical_json(FACTS_VIDEO | {"texts": []})))
    title = title_of(description)
    telling = [word for word in title.lower().split() if word.strip(",") not in medium_words()]
    assert len(telling) >= 2
    assert "second" not in title.lower()


def test_an_empty_text_is_refused_and_one_without_words_is_taken_as_it_is(use: Use) -> None:
    with pytest.raises(InvalidInput, match="nothing to name"):
        use("title_text", text=" \n ")
    assert use("title_text", text="!!!")["title"].text == "!!!"
