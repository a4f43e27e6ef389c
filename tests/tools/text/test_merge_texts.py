"""Texts are joined whole and in their order."""

from __future__ import annotations

import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import ToolBench
from controlllm_tools.registry import Registry
from controlllm_tools.resources import Resource
from controlllm_tools.tool import Inputs, Item, ToolContext


def merge(registry: Registry, context: ToolContext, texts: list[str], **options: str) -> str:
    items = [Item(Resource.of_value("text", text)) for text in texts]
    ports = {name: Item(Resource.of_value("option", value)) for name, value in options.items()}
    (product,) = ToolBench().perform(
        registry.cards["merge_texts"], Inputs.of(texts=items, **ports), context
    )
    return product.text or ""


def test_texts_follow_each_other_with_an_empty_line_between(
    registry: Registry, context: ToolContext
) -> None:
    assert merge(registry, context, ["b\n", "  ", "\na"]) == "b\n\na\n"


def test_what_stands_between_can_be_chosen(registry: Registry, context: ToolContext) -> None:
    assert merge(registry, context, ["a", "b"], between="none") == "a\nb\n"
    assert "\n----------\n" in merge(registry, context, ["a", "b"], between="line")


def test_only_empty_texts_are_refused(registry: Registry, context: ToolContext) -> None:
    with pytest.raises(InvalidInput, match="nothing to join"):
        merge(registry, context, ["", " \n"])
