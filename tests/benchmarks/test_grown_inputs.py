"""Inputs of several sizes: each is what it says, and every type has at least its sample."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from toolbox import card

from benchmarks.grown_inputs import Grower
from controlllm_tools.card import Port, ToolCard
from controlllm_tools.registry import Registry
from controlllm_tools.resources import MediaFacts
from controlllm_tools.tool import Inputs


def taking(*ports: Port) -> ToolCard:
    return replace(card("Echo"), inputs=ports)


def facts(inputs: Inputs, port: str = "it") -> list[MediaFacts]:
    return [item.resource.facts for item in inputs[port]]


def grown(tmp_path: Path, *ports: Port) -> list[Inputs]:
    return [case.inputs for case in Grower(tmp_path).cases(taking(*ports))]


def test_pictures_grow_in_pixels(tmp_path: Path) -> None:
    cases = grown(tmp_path, Port(name="it", type="image.edges"))
    sizes = [(f.width_px or 0) * (f.height_px or 0) / 1e6 for c in cases for f in facts(c)]
    assert sizes == pytest.approx([0.3, 1.0, 4.0, 12.0], rel=0.02)


def test_sounds_grow_in_length(tmp_path: Path) -> None:
    cases = grown(tmp_path, Port(name="it", type="audio"))
    assert [f.duration_s for c in cases for f in facts(c)] == pytest.approx([3, 15, 60], abs=0.1)


def test_papers_grow_in_pages_and_texts_in_letters(tmp_path: Path) -> None:
    paper = grown(tmp_path / "a", Port(name="it", type="document.pdf"))
    assert [f.pages for c in paper for f in facts(c)] == [1, 5, 20]
    text = grown(tmp_path / "b", Port(name="it", type="text"))
    assert [len(c.one("it").text()) for c in text] == [1_000, 10_000, 50_000]


def test_timed_and_structured_texts_stay_what_they_are(tmp_path: Path) -> None:
    subtitles = grown(tmp_path, Port(name="it", type="text.subtitles"))[1].one("it").text()
    times = [line[:12] for line in subtitles.splitlines() if "-->" in line]
    assert times == sorted(times)
    assert len(times) > 100


def test_several_inputs_grow_together_and_one_by_one(tmp_path: Path) -> None:
    ports = (Port(name="picture", type="image"), Port(name="words", type="text"))
    cases = grown(tmp_path, *ports)
    large = [
        ((facts(c, "picture")[0].width_px or 0) > 3_000, len(c.one("words").text()) > 20_000)
        for c in cases
    ]
    assert large == [(False, False), (False, False), (True, False), (False, True)]


def test_a_list_holds_two_and_an_asked_length_varies(tmp_path: Path) -> None:
    ports = (
        Port(name="them", type="image", many=True),
        Port(name="seconds", type="number.seconds", optional=True, default=20),
    )
    cases = grown(tmp_path, *ports)
    assert {len(each["them"]) for each in cases} == {2}
    asked = [each.number("seconds", 20.0) for each in cases]
    assert asked[-3:] == [10.0, 60.0, 200.0]
    assert set(asked[:-3]) == {20.0}


def test_every_declared_type_comes_in_some_size(tmp_path: Path, registry: Registry) -> None:
    grower = Grower(tmp_path)
    for type_ in registry.types:
        if type_.root in {"video", "image", "audio"}:
            continue  # above
        cases = list(grower.cases(taking(Port(name="it", type=type_))))
        assert cases, type_
        assert cases[0].inputs.one("it").resource.type == type_
