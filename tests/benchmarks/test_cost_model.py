"""Measured calls become the cost line of a card, and nothing else of its file changes."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from toolbox import card

from benchmarks.cost_model import Point, fitted, with_costs, write_costs, written
from controlllm.check import estimate_of
from controlllm_tools.card import Cost, Port, ToolCard
from controlllm_tools.registry import load_registry
from controlllm_tools.resources import MediaFacts, Resource, ResourceType
from controlllm_tools.tool import Inputs, Item

VIDEO = replace(card("Echo"), inputs=(Port(name="video", type="video"),))
MUSIC = replace(
    card("Echo"),
    inputs=(Port(name="seconds", type="number.seconds", optional=True, default=30),),
)


def video(seconds: float, width_px: int, height_px: int) -> Inputs:
    facts = MediaFacts(duration_s=seconds, width_px=width_px, height_px=height_px)
    resource = Resource(
        type=ResourceType("video"), sha256="0" * 64, size_bytes=1, mime="video/mp4", facts=facts
    )
    return Inputs.of(video=Item(resource, Path("v.mp4")))


def asked(seconds: float) -> Inputs:
    return Inputs.of(seconds=Item(Resource.of_value("number.seconds", seconds)))


VIDEOS = [video(s, *size) for size in ((320, 180), (1_280, 720)) for s in (3.0, 10.0, 30.0)]


def points(tool: ToolCard, true: Cost, inputs: list[Inputs], noise: float = 0.0) -> list[Point]:
    chance = random.Random(4)
    truth = replace(tool, cost=true)
    return [
        Point(each, estimate_of(truth, each) * (1 + noise * chance.uniform(-1, 1)))
        for each in inputs
    ]


def test_a_cost_that_is_linear_is_found_again() -> None:
    true = Cost(seconds=0.4, per_second=0.02, per_megapixel_second=0.5)
    assert fitted(VIDEO, points(VIDEO, true, VIDEOS)) == true


def test_noise_and_one_slow_call_do_not_bend_the_line() -> None:
    true = Cost(seconds=0.4, per_second=0.1, per_megapixel_second=0.5)
    measured = points(VIDEO, true, VIDEOS, noise=0.1)
    measured[1] = Point(measured[1].inputs, 4 * measured[1].seconds)
    found = replace(VIDEO, cost=fitted(VIDEO, measured))
    for index, inputs in enumerate(VIDEOS):
        ratio = estimate_of(found, inputs) / estimate_of(replace(VIDEO, cost=true), inputs)
        assert 0.7 < ratio < 1.45, index


def test_what_does_not_matter_is_left_out() -> None:
    true = Cost(seconds=2.0)
    assert fitted(VIDEO, points(VIDEO, true, VIDEOS, noise=0.01)) == true


def test_a_length_that_is_asked_for_gets_its_term_by_itself() -> None:
    true = Cost(seconds=0.8, per_asked={"seconds": 0.055})
    inputs = [Inputs({}), asked(15.0), asked(90.0), asked(300.0)]
    assert fitted(MUSIC, points(MUSIC, true, inputs)) == true


def test_what_the_calls_could_not_tell_stays_as_the_card_has_it() -> None:
    known = replace(VIDEO, cost=Cost(seconds=9.0, per_page=0.5, usd=0.1))
    true = Cost(seconds=0.4, per_second=0.2)
    found = fitted(known, points(VIDEO, true, VIDEOS[:3]))
    assert found == Cost(seconds=0.4, per_second=0.2, per_page=0.5, usd=0.1)


def test_one_call_gives_a_fixed_cost_that_is_never_nothing() -> None:
    assert fitted(VIDEO, [Point(VIDEOS[0], 0.25)]) == Cost(seconds=0.25)
    assert fitted(VIDEO, [Point(VIDEOS[0], 0.00001)]).seconds > 0


@pytest.mark.parametrize(
    ("cost", "line"),
    [
        (Cost(seconds=2.0), "{seconds: 2}"),
        (Cost(seconds=0.05, per_kilochar=0.0011), "{seconds: 0.05, per_kilochar: 0.0011}"),
        (Cost(seconds=1e-3, per_second=2.5e-5), "{seconds: 0.001, per_second: 0.000025}"),
        (Cost(seconds=120.0, per_asked={"s": 0.05}), "{seconds: 120, per_asked: {s: 0.05}}"),
        (Cost(seconds=1.5, usd=0.02), "{seconds: 1.5, usd: 0.02}"),
    ],
)  # fmt: skip
def test_a_cost_is_written_as_a_card_has_it(cost: Cost, line: str) -> None:
    assert written(cost) == line
    assert Cost(**yaml.safe_load(line)) == cost


FILE = """\
# a comment — with letters beyond ASCII
version: 1
types: {text: {}}
tools:
  - name: one   # the first
    version: "1"
    summary: Do “it”.
    inputs: []
    outputs: [{name: out, type: text}]
    cost: {seconds: 1.0,   per_second: 2}  # guessed
    deterministic: true

  # between
  - {name: two, version: "1", summary: Ü., inputs: [], outputs: [{name: out, type: text}],
     cost: {seconds: 3}, licence: MIT}
  - name: three
    version: "1"
    summary: Do more.
    inputs: []
    outputs: [{name: out, type: text}]
    cost:
      seconds: 4
      per_page: 5

    licence: MIT
  - name: four
    version: "1"
    summary: Do most.
    inputs: []
    outputs:
      - {name: out, type: text}
"""


def test_only_the_costs_of_a_file_change() -> None:
    costs = {"one": Cost(seconds=0.5), "two": Cost(seconds=0.25), "three": Cost(seconds=7.0)}
    expected = (
        FILE.replace("{seconds: 1.0,   per_second: 2}", "{seconds: 0.5}")
        .replace("cost: {seconds: 3}", "cost: {seconds: 0.25}")
        .replace("cost:\n      seconds: 4\n      per_page: 5\n", "cost: {seconds: 7}\n")
    )
    assert with_costs(FILE, costs) == expected


def test_a_card_without_a_cost_gets_one() -> None:
    changed = with_costs(FILE, {"four": Cost(seconds=0.5), "one": Cost(seconds=2.0)})
    tools = {each["name"]: each for each in yaml.safe_load(changed)["tools"]}
    assert tools["four"]["cost"] == {"seconds": 0.5}
    assert tools["one"]["cost"] == {"seconds": 2}
    assert "    cost: {seconds: 0.5}\n    outputs:\n      - {name: out" in changed


def test_costs_go_into_the_files_that_hold_the_cards(tmp_path: Path) -> None:
    entry, cards = tmp_path / "registry.yaml", tmp_path / "cards.yaml"
    entry.write_text("include: [cards.yaml]\n", encoding="utf-8")
    cards.write_text(FILE, encoding="utf-8")
    costs = {"one": Cost(seconds=0.5, per_page=0.1), "unknown": Cost(seconds=1.0)}
    assert write_costs(entry, costs) == {"one": cards}
    assert entry.read_text(encoding="utf-8") == "include: [cards.yaml]\n"
    assert load_registry(entry).cards["one"].cost == costs["one"]
    assert load_registry(entry).cards["two"].cost == Cost(seconds=3.0)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["cards.yaml", "registry.yaml"]
