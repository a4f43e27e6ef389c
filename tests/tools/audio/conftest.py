"""What the tests of the audio tools share: a bench, and moods."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hearing import Ear

from controlllm_tools.audio.instruments import INSTRUMENTS
from controlllm_tools.audio.sampler import Sampler
from controlllm_tools.media.mood import Mood, read_mood
from controlllm_tools.perform import Product, ToolBench
from controlllm_tools.registry import load_registry
from controlllm_tools.resources import Resource, ResourceType, canonical_json
from controlllm_tools.tool import Inputs, Item, ToolContext

REGISTRY = Path(__file__).parents[3] / "registry.yaml"


@pytest.fixture(scope="session")
def bench() -> Iterable[ToolBench]:
    bench = ToolBench()
    yield bench
    bench.close()


@pytest.fixture
def perform(bench: ToolBench, tmp_path: Path) -> Callable[..., tuple[Product, ...]]:
    """Call a tool by name; a path is a file on its port, anything else a value."""
    cards = load_registry(REGISTRY).cards
    calls = iter(range(1000))

    def call(tool: str, seed: int = 0, **ports: object) -> tuple[Product, ...]:
        scratch = tmp_path / f"call-{next(calls)}"
        scratch.mkdir()
        card = cards[tool]
        bound = {}
        for name, value in ports.items():
            port = card.input(name)
            assert port is not None
            bound[name] = [_item(port.type, value)]
        return bench.perform(card, Inputs(bound), ToolContext(scratch=scratch, seed=seed))

    return call


def _item(type_: str, value: object) -> Item:
    if not isinstance(value, Path):
        return Item(Resource.of_value(type_, value))
    resource = Resource(
        type=ResourceType(type_), sha256="0" * 64, size_bytes=1, mime="", name=value.name
    )
    return Item(resource, value)


@pytest.fixture(scope="session")
def sampler() -> Sampler:
    return Sampler()


def mood(**changes: object) -> Mood:
    """A calm mood in a major key, with changes."""
    value: dict[str, object] = {
        "name": "test",
        "tempo_bpm": 90,
        "mode": "major",
        "energy": 0.5,
        "valence": 0.6,
        "brightness": 0.5,
        "ensemble": {
            "lead": "flute",
            "chords": "strings",
            "figure": "harp",
            "bass": "double bass",
            "drums": False,
        },
    }
    return read_mood(canonical_json(value | changes))


@pytest.fixture(scope="session")
def make_mood() -> Callable[..., Mood]:
    return mood


@pytest.fixture(scope="session")
def melodic() -> list[str]:
    """Every instrument with pitches."""
    return [name for name, instrument in INSTRUMENTS.items() if not instrument.is_drum]


@pytest.fixture
def ear(tmp_path: Path) -> Ear:
    return Ear(tmp_path)
