"""ToolCard: one entry of the registry, as a frozen value.

The field annotations are also the file format: the registry validates entries straight into these
classes. A card says what a tool takes, gives, needs and costs; planning uses cards alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, ConfigDict, Field

from controlllm_tools.resources import MediaFacts, ResourceType, digest_of

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)]
PortName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_ -]*$", max_length=80)]
TypeName = Annotated[str, AfterValidator(ResourceType)]
Text = Annotated[str, Field(min_length=1, max_length=4_000)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Effects = Literal["none", "network", "external"]
Scalar = str | int | float | bool

NOTHING_ASKED: Mapping[str, float] = MappingProxyType({})
"""No number was asked for: every parameter stays at its default."""

_STRICT_KEYS = ConfigDict(extra="forbid", coerce_numbers_to_str=True)


@dataclass(frozen=True, kw_only=True)
class Port:
    """One input or output.

    Attributes:
        name: Unique among the inputs, and among the outputs, of its tool.
        type: The most general type the port accepts, or the type it delivers.
        many: The port holds a list.
        optional: An input that may stay unbound; an output that may be missing.
        default: What an unbound optional input is taken to be; shown to people, used by the tool.
        choices: The only values a text parameter may take.
        description: For people and for matching words to ports.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT_KEYS

    name: PortName
    type: TypeName
    many: bool = False
    optional: bool = False
    default: Scalar | None = None
    choices: tuple[str, ...] = ()
    description: str = ""

    @cached_property
    def resource_type(self) -> ResourceType:
        """The port's type, with its subtyping."""
        return ResourceType(self.type)


@dataclass(frozen=True, kw_only=True)
class GpuNeed:
    """What a call occupies on a GPU; zero bytes means that it runs without one."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT_KEYS

    vram_bytes: Annotated[int, Field(ge=0)] = 0


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What must be present on this machine before the tool can run.

    Attributes:
        packages: PEP 508 requirements, by the name one would `pip install`.
        binaries: Programs on the PATH.
        env: Environment variables that must be set, such as an API key.
        models: Folders of weights, by hub name.
        gpu: GPU memory.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT_KEYS

    packages: tuple[str, ...] = ()
    binaries: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    gpu: GpuNeed = GpuNeed()


@dataclass(frozen=True, kw_only=True)
class Cost:
    """A prior for what one call costs, linear in the size of its inputs and in what is asked for.

    Attributes:
        seconds: Fixed part of the wall time.
        per_second: Added for each second of audio or video going in.
        per_megapixel: Added for each million pixels of the pictures, or of one frame, going in.
        per_megapixel_second: Added for each million pixels of each second of video going in.
        per_page: Added for each page going in.
        per_kilochar: Added for each thousand characters of text going in.
        per_asked: By name of a number port, added for each unit of the number that is asked for.
        usd: Money for one call.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT_KEYS

    seconds: NonNegative = 1.0
    per_second: NonNegative = 0.0
    per_megapixel: NonNegative = 0.0
    per_megapixel_second: NonNegative = 0.0
    per_page: NonNegative = 0.0
    per_kilochar: NonNegative = 0.0
    # a mapping has no hash; equal costs still have equal hashes without it
    per_asked: Mapping[PortName, NonNegative] = field(default_factory=dict, hash=False)
    usd: NonNegative = 0.0

    def seconds_for(
        self,
        facts: tuple[MediaFacts, ...],
        characters: int = 0,
        asked: Mapping[str, float] = NOTHING_ASKED,
    ) -> float:
        """Expected wall seconds; `ToolCard.seconds_for` also knows the defaults of the ports.

        Args:
            facts: Of every input, each item of a list counted.
            characters: Of all text going in.
            asked: Numbers by port.
        """
        total = self.seconds + self.per_kilochar * characters / 1_000
        for fact in facts:
            length_s = fact.duration_s or 0.0
            megapixels = (fact.width_px or 0) * (fact.height_px or 0) / 1e6
            total += self.per_second * length_s + self.per_megapixel * megapixels
            total += self.per_megapixel_second * megapixels * length_s
            total += self.per_page * (fact.pages or 0)
        return total + sum(
            each * max(0.0, asked.get(port, 0.0)) for port, each in self.per_asked.items()
        )


@dataclass(frozen=True, kw_only=True)
class ToolCard:
    """One tool, as the registry tells it.

    Attributes:
        name: Unique in the catalogue.
        version: Changes when results may change; part of every cache key.
        summary: One sentence in the imperative.
        inputs: Ports in the order a person would name them.
        outputs: Ports; the first one is the main result.
        title: Name for people.
        description: More words, used for matching.
        domains: Fields of work, such as `video-editing`.
        examples: What a person would say to get this tool.
        entry_point: `module:Class`; absent for a tool that can be planned but not run.
        needs: What must be installed.
        cost: Prior of time and money.
        effects: Whether a call touches the network or the outside world.
        deterministic: Same inputs and seed give the same bytes; only then are results reused.
        licence: SPDX-like name of the licence that rules the results or the program.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT_KEYS

    name: Name
    version: Annotated[str, Field(min_length=1, max_length=40)]
    summary: Text
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    title: str = ""
    description: str = ""
    domains: tuple[str, ...] = ()
    examples: tuple[Text, ...] = ()
    entry_point: (
        Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$", max_length=200)] | None
    ) = None
    needs: Needs = Needs()
    cost: Cost = Cost()
    effects: Effects = "none"
    deterministic: bool = False
    licence: str = ""

    @cached_property
    def card_hash(self) -> str:
        """Digest of everything the card says; equal cards have equal hashes on any machine."""
        return digest_of(self.to_json())

    @property
    def required_inputs(self) -> tuple[Port, ...]:
        """The ports without which a call cannot start."""
        return tuple(port for port in self.inputs if not port.optional)

    def seconds_for(
        self,
        facts: tuple[MediaFacts, ...],
        characters: int = 0,
        asked: Mapping[str, float] = NOTHING_ASKED,
    ) -> float:
        """Expected wall seconds of one call.

        Args:
            facts: Of every input, each item of a list counted.
            characters: Of all text going in.
            asked: Numbers bound to ports; an unbound port counts with its default.
        """
        numbers = {port: self._default_number(port) for port in self.cost.per_asked}
        return self.cost.seconds_for(facts, characters, numbers | dict(asked))

    def _default_number(self, name: str) -> float:
        port = self.input(name)
        default = None if port is None else port.default
        return float(default) if isinstance(default, int | float) else 0.0

    def input(self, name: str) -> Port | None:
        """The input port of that name."""
        return next((port for port in self.inputs if port.name == name), None)

    def output(self, name: str) -> Port | None:
        """The output port of that name."""
        return next((port for port in self.outputs if port.name == name), None)

    def to_json(self) -> dict[str, Any]:
        """Plain data, as the registry would write it with every default spelled out."""
        return asdict(self)
