"""Small catalogues, requests and plans that tests share; every value is real, nothing is mocked."""

from __future__ import annotations

from collections.abc import Sequence

from controlllm_planner.cost import Estimate
from controlllm_planner.decompose.by_matching import ByMatching
from controlllm_planner.matching.model import Matcher
from controlllm_planner.plan import (
    Alternative,
    Binding,
    FromResource,
    FromStep,
    Plan,
    PlanResource,
    PlanStep,
    StepId,
    StepOutput,
)
from controlllm_planner.planner import Planner
from controlllm_planner.relevance import LexicalRelevance
from controlllm_planner.search.base import SearchStrategy
from controlllm_planner.search.best_first import BestFirst
from controlllm_planner.task import Attachment, Constraints, Request, TaskId
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import Cost, Port, ToolCard
from controlllm_tools.registry import TypeInfo
from controlllm_tools.resources import ResourceType

TYPES = {
    ResourceType("text"): TypeInfo(words=("words",)),
    ResourceType("text.title"): TypeInfo(words=("headline",)),
    ResourceType("text.summary"): TypeInfo(),
    ResourceType("number"): TypeInfo(),
    ResourceType("number.seconds"): TypeInfo(words=("length",)),
    ResourceType("option"): TypeInfo(),
    ResourceType("image"): TypeInfo(words=("picture", "photo")),
    ResourceType("image.mask"): TypeInfo(words=("mask",)),
    ResourceType("boxes"): TypeInfo(words=("bounding boxes",)),
    ResourceType("audio"): TypeInfo(words=("sound",)),
    ResourceType("audio.music"): TypeInfo(words=("song", "background music")),
    ResourceType("video"): TypeInfo(words=("clip", "film")),
    ResourceType("beats"): TypeInfo(),
    ResourceType("dance"): TypeInfo(),
}


def port(spec: str) -> Port:
    """A port from `name:type`, with `?` for optional and `*` for a list behind the type."""
    name, _, type_ = spec.partition(":")
    flags = {"?": "?" in type_, "*": "*" in type_}
    return Port(
        name=name, type=type_.rstrip("?*"), optional=flags["?"], many=flags["*"], description=name
    )


def card(
    name: str,
    inputs: str,
    outputs: str,
    summary: str = "",
    *,
    examples: Sequence[str] = (),
    seconds: float = 0.1,
    **more: object,
) -> ToolCard:
    """A card from port specs separated by spaces."""
    return ToolCard(
        name=name,
        version="1",
        summary=summary or name.replace("_", " "),
        inputs=tuple(map(port, inputs.split())),
        outputs=tuple(map(port, outputs.split())),
        examples=tuple(examples),
        cost=Cost(seconds=seconds),
        **more,  # type: ignore[arg-type]
    )


CARDS = (
    card("detect_objects", "image:image", "boxes:boxes", "Detect objects in a picture."),
    card("select_boxes", "boxes:boxes label:text", "boxes:boxes", "Select boxes by their label."),
    card("draw_boxes", "image:image boxes:boxes", "image:image", "Highlight boxes on a picture."),
    card("blur_picture", "image:image strength:number?", "image:image", "Blur a picture."),
    card("segment_picture", "image:image", "mask:image.mask", "Segment a picture into a mask."),
    card("read_words", "image:image", "text:text", "Read the words in a picture."),
    card("caption_picture", "image:image", "text:text", "Describe a picture.", seconds=2.0),
    card("summarise", "text:text", "summary:text.summary", "Summarise a text."),
    card("make_title", "text:text", "title:text.title", "Write a title for a text."),
    card("speak", "text:text", "speech:audio", "Read a text aloud as speech."),
    card("collage", "pictures:image*", "image:image", "Arrange pictures as a collage."),
    card("stills", "video:video", "frames:image*", "Take still frames from a video."),
    card("measure_video", "video:video", "seconds:number.seconds mood:beats", "Measure a video."),
    card(
        "compose",
        "mood:beats seconds:number.seconds?",
        "music:audio.music",
        "Compose background music.",
    ),
    card("sound_track", "video:video", "audio:audio", "Take the sound track out of a video."),
    card("dub", "video:video audio:audio", "video:video", "Dub a video with a sound."),
    card("choreograph", "audio:audio beats:beats style:text?", "dance:dance", "Make a dance."),
)

GRAPH = ToolGraph(CARDS, TYPES)


def planner(graph: ToolGraph = GRAPH, strategy: SearchStrategy | None = None) -> Planner:
    """A planner over a graph."""
    relevance = LexicalRelevance(graph)
    return Planner(
        graph=graph,
        relevance=relevance,
        decomposer=ByMatching(graph, relevance, Matcher.shipped(graph, relevance)),
        strategy=strategy or BestFirst(),
    )


def request(text: str, *attachments: str, constraints: Constraints | None = None) -> Request:
    """A request whose attachments are given as `name:type`."""
    held = []
    for each in attachments:
        name, _, type_ = each.partition(":")
        held.append(Attachment(name=name, type=ResourceType(type_)))
    return Request(text=text, attachments=tuple(held), constraints=constraints or Constraints())


def calls(plan: Plan) -> list[str]:
    """The plan as lines such as `s2 draw_boxes(image=a.png, boxes=s1.boxes)`."""
    return [
        f"{step.id} {step.tool}("
        + ", ".join(
            f"{name}={'+'.join(words(bound) for bound in held)}" for name, held in step.inputs
        )
        + ")"
        for step in plan.steps
    ]


def words(binding: Binding) -> str:
    """A binding in short."""
    match binding:
        case FromResource(name):
            return name
        case FromStep(step, output):
            return f"{step}.{output}"
        case value:
            return repr(value.value)


def step(
    name: str, *after: str, tool: str = "", task: str = "t1", seconds: float = 1.0, usd: float = 0.0
) -> PlanStep:
    """A step that makes one text, `out`, from the `out` of each step before it."""
    return PlanStep(
        id=StepId(name),
        task=TaskId(task),
        tool=tool or f"tool_{name}",
        version="1",
        card_hash="c" * 64,
        inputs=tuple((f"in{i}", (FromStep(StepId(b), "out"),)) for i, b in enumerate(after)),
        outputs=(StepOutput(name="out", type=ResourceType("text")),),
        after=tuple(StepId(before) for before in after),
        estimate=Estimate(seconds=seconds, usd=usd),
        timeout_s=60.0,
    )


def plan_of(
    *steps: PlanStep,
    outputs: Sequence[str],
    alternatives: Sequence[Alternative] = (),
    resources: Sequence[PlanResource] = (),
) -> Plan:
    """A plan of steps made by `step`; its outputs are the `out` of the named ones."""
    return Plan(
        goal="a test",
        resources=tuple(resources),
        steps=tuple(steps),
        outputs=tuple(FromStep(StepId(name), "out") for name in outputs),
        estimate=Estimate(seconds=1.0),
        alternatives=tuple(alternatives),
    )


def alternative(task: str, old: str, *steps: PlanStep, new: str) -> Alternative:
    """Another way for a task: these steps, whose `new` stands in for `old`."""
    replaced = (FromStep(StepId(old), "out"), FromStep(StepId(new), "out"))
    return Alternative(task=TaskId(task), steps=tuple(steps), replaces=(replaced,), cost=2.0)
