"""Recordings follow each other at one rate, with gaps or crossfades."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hearing import RATE_HZ, Ear, decibels, main_hz, sine

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product, ToolBench
from controlllm_tools.registry import Registry
from controlllm_tools.resources import Resource
from controlllm_tools.samples import item_of_file
from controlllm_tools.tool import Inputs, Item, ToolContext


@pytest.fixture
def join(registry: Registry, bench: ToolBench, context: ToolContext) -> Callable[..., Product]:
    def join(*paths: Path, **numbers: float) -> Product:
        ports: dict[str, list[Item]] = {
            name: [Item(Resource.of_value("number", value))] for name, value in numbers.items()
        }
        ports["recordings"] = [item_of_file(path, "audio") for path in paths]
        return bench.perform(registry.cards["join_audio"], Inputs(ports), context)[0]

    return join


Join = Callable[..., Product]


def test_they_follow_in_order_at_the_highest_rate(ear: Ear, join: Join) -> None:
    low = np.sin(2 * np.pi * 300 * np.arange(8_000) / 8_000) * 0.25
    joined = join(
        ear.write("a.wav", sine(1.0, 500)),
        ear.write("b.wav", low, 8_000),
        ear.write("c.wav", np.stack([sine(0.5, 900)] * 2, axis=1)),
    )
    samples, rate_hz = ear.hear(joined)
    assert (rate_hz, samples.shape[1]) == (44_100, 2)
    assert len(samples) / rate_hz == pytest.approx(2.5, abs=0.01)
    parts = [(0.1, 0.9, 500), (1.1, 1.9, 300), (2.1, 2.4, 900)]
    for start_s, end_s, hz in parts:
        part = samples[round(start_s * rate_hz) : round(end_s * rate_hz), 0]
        assert main_hz(part) == pytest.approx(hz, abs=2)
        assert decibels(part) == pytest.approx(decibels(sine(1.0)), abs=0.3)


def test_a_gap_is_silent_and_only_between(ear: Ear, join: Join) -> None:
    tone = ear.write("a.wav", sine(0.5))
    samples, rate_hz = ear.hear(join(tone, tone, tone, gap_s=0.4))
    assert len(samples) / rate_hz == pytest.approx(2.3, abs=0.01)
    assert decibels(samples[round(0.52 * rate_hz) : round(0.88 * rate_hz)]) < -90
    assert decibels(samples[round(0.92 * rate_hz) : round(1.38 * rate_hz)]) > -20


def test_a_crossfade_overlaps_and_keeps_the_level(ear: Ear, join: Join) -> None:
    names = [ear.write(f"{hz}.wav", sine(1.0, hz)) for hz in (400, 700, 1_100)]
    samples, rate_hz = ear.hear(join(*names, crossfade_s=0.3))
    assert len(samples) / rate_hz == pytest.approx(2.4, abs=0.01)
    middle = samples[round(0.8 * rate_hz) : round(0.9 * rate_hz)]
    power = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    hz = np.fft.rfftfreq(len(middle), 1 / rate_hz)
    both = [power[np.abs(hz - each) < 20].max() for each in (400, 700)]
    assert min(both) > 0.5 * max(both)
    assert decibels(middle) == pytest.approx(decibels(sine(1.0)), abs=1.5)


def test_one_recording_stays_as_it_is(ear: Ear, join: Join) -> None:
    samples, _ = ear.hear(join(ear.write("a.wav", sine(0.5)), crossfade_s=0.2))
    assert np.abs(samples - sine(0.5)).max() < 1e-4
    assert len(samples) == RATE_HZ // 2


def test_a_crossfade_that_does_not_fit_names_the_short_one(ear: Ear, join: Join) -> None:
    paths = [ear.write("long.wav", sine(2.0)), ear.write("short.wav", sine(0.5))]
    with pytest.raises(InvalidInput, match=r"short\.wav lasts 0\.50 s, too short for 1 crossfades"):
        join(*paths, crossfade_s=0.5)


def test_gap_and_crossfade_together_are_refused(ear: Ear, join: Join) -> None:
    tone = ear.write("a.wav", sine(0.5))
    with pytest.raises(InvalidInput, match="give one of the two"):
        join(tone, tone, gap_s=1, crossfade_s=0.1)
    with pytest.raises(InvalidInput, match="gap_s must lie between 0 and 600, got -1"):
        join(tone, tone, gap_s=-1)
