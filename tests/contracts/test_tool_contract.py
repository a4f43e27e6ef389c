"""Every card with an entry point, run on real small inputs through the checks of every backend.

The last part are negative controls: toy tools that break the contract, each of which must be
caught by the same checks.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from lab import REGISTRY, Digest, Lab, perform

from controlllm_tools.card import Port, ToolCard
from controlllm_tools.errors import BadOutput, OutOfMemory, ToolFailed, ToolUnavailable
from controlllm_tools.needs import missing_needs
from controlllm_tools.perform import ToolBench
from controlllm_tools.registry import Registry, load_registry
from controlllm_tools.samples import NoSample, sample
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

CARDS = load_registry(REGISTRY).cards
# tools that touch the network have tests of their own, against a server in the test
RUNNABLE = [n for n, card in CARDS.items() if card.entry_point and card.effects == "none"]


def available(name: str) -> ToolCard:
    """The card, or a skip that says what is missing here."""
    card = CARDS[name]
    if missing := missing_needs(card.needs):
        pytest.skip(f"{name}: " + "; ".join(map(str, missing)))
    return card


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.close()


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
def test_a_tool_gives_the_same_on_its_required_inputs_and_elsewhere_with_its_defaults_spelled_out(
    name: str, lab: Lab
) -> None:
    """A tool that is not deterministic gives other bytes, but as many results of the same kind."""
    card = available(name)
    spelled = [port for port in card.inputs if not port.optional or port.default is not None]
    here = lab.run(card, card.required_inputs)
    assert {port.name for port in card.outputs if not port.optional} <= {port for port, *_ in here}
    if not card.deterministic:
        assert [each[:3] for each in lab.run(card, spelled)] == [each[:3] for each in here]
        return
    elsewhere = lab.elsewhere.run(card, lab.items(spelled))
    if elsewhere != here:
        assert lab.run(card, spelled) == here, "spelling the defaults out changes the result"
    assert elsewhere == here, "another process gives another result"


def other_choices(port: Port) -> list[str]:
    """Those that the test above does not take: it takes the default, or else the first one."""
    taken = port.choices[:1] if port.default is None else (port.default,)
    left_out = port.optional and port.default is None
    return [choice for choice in port.choices if left_out or choice not in taken]


@pytest.mark.parametrize(
    ("name", "port", "choice"),
    [
        (name, port.name, choice)
        for name in RUNNABLE
        for port in CARDS[name].inputs
        for choice in other_choices(port)
    ],
)
def test_every_choice_of_an_option_is_taken(name: str, port: str, choice: str, lab: Lab) -> None:
    card = available(name)
    option = card.input(port)
    assert option is not None
    required = [each for each in card.required_inputs if each.name != port]
    try:
        assert lab.run(card, [*required, replace(option, default=choice)])
    except ToolUnavailable as error:  # such as a pair of languages
        pytest.skip(str(error))


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


def perform_toy(broken: type[Broken], scratch: Path) -> list[Digest]:
    return perform(ToolBench(), toy(broken), {}, scratch)


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
        perform_toy(broken, tmp_path / "scratch")


def test_a_tool_that_uses_chance_is_seen_through_by_its_digests(tmp_path: Path) -> None:
    assert perform_toy(UsesChance, tmp_path / "a") != perform_toy(UsesChance, tmp_path / "b")


def test_the_other_process_tells_what_went_wrong_and_the_next_tool_runs(lab: Lab) -> None:
    with pytest.raises(AssertionError, match="KeyError: 'toy'"):  # not in its catalogue
        lab.elsewhere.run(toy(UsesChance), {})
    card = CARDS["merge_texts"]
    items = lab.items(card.required_inputs)
    assert lab.elsewhere.run(card, items) == lab.run(card, card.required_inputs)
    backwards = {port: held[::-1] for port, held in items.items()}
    assert lab.elsewhere.run(card, backwards) != lab.run(card, card.required_inputs)
