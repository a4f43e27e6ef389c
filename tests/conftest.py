"""Shared by all tests: the context of a call, the real catalogue, and a tool run by its card."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

from controlllm_tools.card import ToolCard
from controlllm_tools.perform import Product, ToolBench
from controlllm_tools.registry import Registry, load_registry
from controlllm_tools.resources import Resource
from controlllm_tools.samples import item_of_file
from controlllm_tools.tool import Inputs, Item, ToolContext

# The same cases in every run, so that a landing never fails by chance; HYPOTHESIS_PROFILE=default
# looks for new ones.
settings.register_profile("same", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

REPOSITORY = Path(__file__).parent.parent

Use = Callable[..., Mapping[str, Product]]


@pytest.fixture(scope="session", autouse=True)
def _interrupts_are_heard() -> None:
    """A shell starts what runs in its background deaf to Ctrl-C, and programs inherit that."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def context(tmp_path: Path) -> ToolContext:
    """A context whose scratch folder is empty and lies below `tmp_path`."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return ToolContext(scratch=scratch)


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The catalogue of this repository."""
    return load_registry(REPOSITORY / "registry.yaml")


@pytest.fixture(scope="session")
def bench() -> Iterator[ToolBench]:
    """Loaded tools, shared so that each is loaded once."""
    bench = ToolBench()
    yield bench
    bench.close()


@pytest.fixture
def use(registry: Registry, bench: ToolBench, context: ToolContext) -> Use:
    """Run a tool by its name and give its results by port: `use("crop_image", image=path, top=9)`.

    Files, text, numbers and JSON values are bound as the type that the card's port asks for, and
    lists of files to a port that takes many. The call goes through the checks of every backend, so
    it also proves the card.
    """

    def use(name: str, **inputs: object) -> Mapping[str, Product]:
        card = registry.cards[name]
        items = {port: _item(card, port, value) for port, value in inputs.items()}
        products = bench.perform(card, Inputs.of(**items), context)
        return {product.port: product for product in products}

    return use


def _item(card: ToolCard, port: str, value: object) -> Item | list[Item]:
    if isinstance(value, Item):
        return value
    if isinstance(value, list) and all(isinstance(each, Item | Path) for each in value):
        return [_one(card, port, each) for each in value]
    return _one(card, port, value)


def _one(card: ToolCard, port: str, value: object) -> Item:
    if isinstance(value, Item):
        return value
    wanted = card.input(port)
    assert wanted is not None, f"{card.name} has no port {port!r}"
    if isinstance(value, Path):
        return item_of_file(value, wanted.type)
    return Item(Resource.of_value(wanted.type, value))
