"""What the tests of the video tools share: a bench, and little films made of arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.media import ffmpeg
from controlllm_tools.perform import Product, ToolBench
from controlllm_tools.registry import load_registry
from controlllm_tools.resources import Resource, ResourceType
from controlllm_tools.samples.sounds import tone
from controlllm_tools.tool import Inputs, Item, ToolContext

REGISTRY = Path(__file__).parents[3] / "registry.yaml"

Film = Callable[..., Path]
Perform = Callable[..., tuple[Product, ...]]


@pytest.fixture(scope="session")
def bench() -> Iterable[ToolBench]:
    bench = ToolBench()
    yield bench
    bench.close()


@pytest.fixture
def perform(bench: ToolBench, tmp_path: Path) -> Perform:
    """Call a tool by name: paths are files (their type given as `port=(type, path)`)."""
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
            values = value if isinstance(value, list) else [value]
            bound[name] = [_item(port.type, each) for each in values]
        return bench.perform(card, Inputs(bound), ToolContext(scratch=scratch, seed=seed))

    return call


def _item(type_: str, value: object) -> Item:
    if isinstance(value, tuple):
        type_, value = value
    if not isinstance(value, Path):
        return Item(Resource.of_value(type_, value))
    resource = Resource(
        type=ResourceType(type_), sha256="0" * 64, size_bytes=1, mime="", name=value.name
    )
    return Item(resource, value)


@pytest.fixture
def film(tmp_path: Path) -> Film:
    """Write a film from RGB frames, with a tone of some frequency as its sound if wanted."""

    def make(
        name: str,
        frames: Iterable[NDArray[np.uint8]],
        *,
        fps: int = 10,
        hz: float | None = None,
        sound: Path | None = None,
    ) -> Path:
        pictures = [np.ascontiguousarray(frame) for frame in frames]
        height, width = pictures[0].shape[:2]
        seconds = len(pictures) / fps
        if hz is not None:
            sound = tone(tmp_path / f"{name}.wav", seconds, hz)
        options = ["-map", "0:v", *ffmpeg.H264]
        if sound is not None:
            options += ["-map", "1:a", *ffmpeg.AAC, "-t", str(seconds)]
        return ffmpeg.encode_frames(
            ffmpeg.Frames(
                width_px=width,
                height_px=height,
                fps=fps,
                source=(picture.tobytes() for picture in pictures),
            ),
            [ffmpeg.Input(sound)] if sound else [],
            [*options, *ffmpeg.MP4],
            tmp_path / f"{name}.mp4",
            ToolContext(scratch=tmp_path),
        )

    return make


def plain(colour: tuple[int, int, int], width: int = 160, height: int = 96) -> NDArray[np.uint8]:
    """A frame of one colour."""
    return np.full((height, width, 3), colour, dtype=np.uint8)


@pytest.fixture
def colours() -> Callable[..., NDArray[np.uint8]]:
    return plain


@pytest.fixture(scope="session")
def texture() -> NDArray[np.uint8]:
    """A picture with detail everywhere, seamless from right to left: shape (96, 160, 3)."""
    rng = np.random.default_rng(5)
    spectrum = np.fft.rfft2(rng.standard_normal((96, 160)))
    rows, columns = np.fft.fftfreq(96)[:, None], np.fft.rfftfreq(160)[None]
    spectrum *= np.exp(-((np.hypot(rows, columns) / 0.09) ** 2))
    picture = np.fft.irfft2(spectrum, s=(96, 160))
    grey = 127 + 60 * picture / picture.std()
    return np.repeat(grey.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)
