"""Every card with an entry point, run on real small inputs through the checks of every backend.

The last part are negative controls: toy tools that break the contract, each of which must be
caught by the same checks.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from controlllm_tools.card import Port, ToolCard
from controlllm_tools.errors import BadOutput, OutOfMemory, ToolFailed, ToolUnavailable
from controlllm_tools.needs import missing_needs
from controlllm_tools.perform import ToolBench
from controlllm_tools.registry import Registry, load_registry
from controlllm_tools.resources import Resource
from controlllm_tools.samples import NoSample, sample, sample_for
from controlllm_tools.tool import CpuTool, Inputs, Item, Output, Outputs, ToolContext

REGISTRY = Path(__file__).parents[2] / "registry.yaml"
CARDS = load_registry(REGISTRY).cards
Digest = tuple[str, int, str, str]
# tools that touch the network have tests of their own, against a server in the test
RUNNABLE = [n for n, card in CARDS.items() if card.entry_point and card.effects == "none"]


def available(name: str) -> ToolCard:
    """The card, or a skip that says what is missing here."""
    card = CARDS[name]
    if missing := missing_needs(card.needs):
        pytest.skip(f"{name}: " + "; ".join(map(str, missing)))
    return card


@dataclass(frozen=True)
class Lab:
    """Samples made once, and runs of tools on them."""

    home: Path
    made: dict[str, Item] = field(default_factory=dict)
    first: dict[str, list[Digest]] = field(default_factory=dict)

    def items(self, ports: Iterable[Port]) -> dict[str, Item]:
        """A sample for each port."""
        context = ToolContext(scratch=self.home / "samples")
        found = {}
        for port in ports:
            key = f"{port.type} {port.default!r} {port.choices}"
            if key not in self.made:
                self.made[key] = sample_for(port, context)
            found[port.name] = self.made[key]
        return found

    def run(self, card: ToolCard, ports: Iterable[Port]) -> list[Digest]:
        """Run a tool on samples for these ports, in a scratch folder of its own."""
        return perform(card, self.items(ports), self.home / f"run-{secrets.token_hex(8)}")

    def first_run(self, card: ToolCard) -> list[Digest]:
        """What a tool gives on its required ports alone; run once."""
        if card.name not in self.first:
            self.first[card.name] = self.run(card, card.required_inputs)
        return self.first[card.name]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    home = tmp_path_factory.mktemp("lab")
    (home / "samples").mkdir()
    return Lab(home)


def perform(card: ToolCard, items: Mapping[str, Item], scratch: Path) -> list[Digest]:
    """Run a tool through the checks of every backend.

    Returns:
        Port, position, media type and digest of each result.
    """
    scratch.mkdir(parents=True)
    bench = ToolBench()
    try:
        products = bench.perform(card, Inputs.of(**items), ToolContext(scratch=scratch, seed=7))
    finally:
        bench.close()
    found = []
    for product in products:
        content = product.path.read_bytes() if product.path else (product.text or "").encode()
        digest = hashlib.sha256(content).hexdigest()
        found.append((product.port, product.index, product.mime, digest))
    return found


@pytest.mark.parametrize("name", CARDS)
def test_a_card_tells_what_people_need_to_know(name: str) -> None:
    card = CARDS[name]
    assert len(card.examples) >= 3
    assert len(set(card.examples)) == len(card.examples)
    assert card.licence
    assert card.outputs
    assert card.domains
    assert card.summary[0].isupper()
    assert card.summary.endswith(".")
    assert "\n" not in card.summary
    assert card.cost.seconds > 0
    for port in card.inputs:
        assert port.type != "option" or port.choices, f"{port.name} is an option without choices"


@pytest.mark.parametrize("name", RUNNABLE)
def test_a_tool_runs_on_its_required_inputs_alone(name: str, lab: Lab) -> None:
    card = available(name)
    ports = {port for port, *_ in lab.first_run(card)}
    assert {port.name for port in card.outputs if not port.optional} <= ports


@pytest.mark.parametrize("name", RUNNABLE)
def test_spelling_the_defaults_out_changes_nothing(name: str, lab: Lab) -> None:
    card = available(name)
    ports = [port for port in card.inputs if not port.optional or port.default is not None]
    spelled = lab.run(card, ports)
    if card.deterministic:
        assert spelled == lab.first_run(card)
    else:
        assert [each[:3] for each in spelled] == [each[:3] for each in lab.first_run(card)]


@pytest.mark.parametrize(
    ("name", "port", "choice"),
    [
        (name, port.name, choice)
        for name in RUNNABLE
        for port in CARDS[name].inputs
        for choice in port.choices
    ],
)
def test_every_choice_of_an_option_is_taken(name: str, port: str, choice: str, lab: Lab) -> None:
    card = available(name)
    option = card.input(port)
    assert option is not None
    try:
        assert lab.run(card, [*card.required_inputs, replace(option, default=choice)])
    except ToolUnavailable as error:  # such as a pair of languages
        pytest.skip(str(error))


@pytest.mark.parametrize("name", [name for name in RUNNABLE if CARDS[name].deterministic])
def test_a_deterministic_tool_gives_the_same_bytes_in_another_process(name: str, lab: Lab) -> None:
    card = available(name)
    items = lab.items(card.required_inputs)
    order = {
        "tool": name,
        "scratch": str(lab.home / f"elsewhere-{name}"),
        "items": {
            port: [item.resource.to_json(), str(item.path or "")] for port, item in items.items()
        },
    }
    elsewhere = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps(order),
        # another hash seed gives sets another order
        env={"PYTHONHASHSEED": "4321", "PATH": "/usr/bin:/bin", "HOME": str(lab.home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert elsewhere.returncode == 0, elsewhere.stderr[-2_000:]
    assert [tuple(each) for each in json.loads(elsewhere.stdout)] == lab.first_run(card)


def carry_out(order: Mapping[str, Any]) -> list[Digest]:
    """What another process does for the test above."""
    items = {
        port: Item(Resource.from_json(resource), Path(path) if path else None)
        for port, (resource, path) in order["items"].items()
    }
    return perform(CARDS[order["tool"]], items, Path(order["scratch"]))


def test_every_declared_type_has_a_sample(registry: Registry, context: ToolContext) -> None:
    for type_ in registry.types:
        item = sample(type_, context)
        assert item.resource.type == type_
        assert item.resource.size_bytes > 0
        assert (item.path is None) == (item.resource.text is not None)


def test_a_refined_type_falls_back_to_its_parent_and_an_unknown_one_says_so(
    context: ToolContext,
) -> None:
    assert sample("image.mask.soft", context).resource.type == "image.mask.soft"
    with pytest.raises(NoSample, match=r"no sample of type 'smell\.rose'; there are samples of: "):
        sample("smell.rose", context)


# Negative controls: each of these tools must be caught.


class Broken(CpuTool):
    """A toy whose card promises one text on port `out` and no more."""

    port: ClassVar[Port] = Port(name="out", type="text")

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        del inputs
        return self.answer(context.scratch / "out.txt")

    def answer(self, path: Path) -> Outputs:
        """What the toy gives; it may write to the path."""
        raise NotImplementedError(path)


class GivesAnotherType(Broken):
    port = Port(name="out", type="image")

    def answer(self, path: Path) -> Outputs:
        path.write_text("not a picture")
        return {"out": Output.of_file(path)}


class GivesNothing(Broken):
    def answer(self, path: Path) -> Outputs:
        path.write_text("written, but not given")
        return {}


class GivesNone(Broken):
    def answer(self, path: Path) -> Outputs:
        path.write_text("written, but not given")
        return None  # type: ignore[return-value]  # this is the fault


class WritesOutside(Broken):
    def answer(self, path: Path) -> Outputs:
        outside = path.parent.parent / "outside.txt"
        outside.write_text("outside")
        return {"out": Output.of_file(outside)}


class GivesALink(Broken):
    def answer(self, path: Path) -> Outputs:
        path.symlink_to("/etc/hostname")
        return {"out": Output.of_file(path)}


class GivesAnExtraPort(Broken):
    def answer(self, path: Path) -> Outputs:
        return {"out": Output.of_text("a"), "more": Output.of_text(path.name)}


class GivesTwo(Broken):
    def answer(self, path: Path) -> Outputs:
        return {"out": [Output.of_text("a"), Output.of_text(path.name)]}


class GivesAnEmptyFile(Broken):
    def answer(self, path: Path) -> Outputs:
        path.touch()
        return {"out": Output.of_file(path)}


class RaisesAnything(Broken):
    def answer(self, path: Path) -> Outputs:
        raise ZeroDivisionError(path)


class Exits(Broken):
    def answer(self, path: Path) -> Outputs:
        sys.exit(path.name)


class RunsOutOfMemory(Broken):
    def answer(self, path: Path) -> Outputs:
        raise MemoryError(path)


class UsesChance(Broken):
    def answer(self, path: Path) -> Outputs:
        return {"out": Output.of_text(f"{path.name} {secrets.token_hex()}")}


def toy(broken: type[Broken]) -> ToolCard:
    return ToolCard(
        name="toy",
        version="1",
        summary="Break the contract.",
        inputs=(),
        outputs=(broken.port,),
        entry_point=f"{__name__}:{broken.__name__}",
    )


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        (GivesAnotherType, BadOutput),
        (GivesNothing, BadOutput),
        (GivesNone, BadOutput),
        (WritesOutside, BadOutput),
        (GivesALink, BadOutput),
        (GivesAnExtraPort, BadOutput),
        (GivesTwo, BadOutput),
        (GivesAnEmptyFile, BadOutput),
        (RaisesAnything, ToolFailed),
        (Exits, ToolFailed),
        (RunsOutOfMemory, OutOfMemory),
    ],
)
def test_a_tool_that_breaks_the_contract_is_caught(
    broken: type[Broken], error: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(error):
        perform(toy(broken), {}, tmp_path / "scratch")


def test_a_tool_that_uses_chance_is_seen_through_by_its_digests(tmp_path: Path) -> None:
    assert perform(toy(UsesChance), {}, tmp_path / "a") != perform(
        toy(UsesChance), {}, tmp_path / "b"
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(carry_out(json.load(sys.stdin))))
