"""Names of types for people."""

from worlds import GRAPH, TYPES, card

from controlllm_planner.errors import MissingCapability
from controlllm_planner.tool_graph import ToolGraph
from controlllm_planner.wording import TypeNames, type_names
from controlllm_tools.registry import TypeInfo
from controlllm_tools.resources import ResourceType


def test_a_type_is_called_by_its_last_word() -> None:
    names = TypeNames(GRAPH)
    assert [names.of(each) for each in ("audio.music", "image", "text.summary")] == [
        "music",
        "image",
        "summary",
    ]


def test_every_type_has_a_name_of_its_own() -> None:
    types = {
        **TYPES,
        ResourceType("facts.image"): TypeInfo(),
        ResourceType("audio.clean"): TypeInfo(words=("clean sound",)),
        ResourceType("image.clean"): TypeInfo(),
    }
    graph = ToolGraph([card("a", "image:facts.image", "b:audio.clean")], types)
    names = TypeNames(graph)
    assert names.of("image") == "image"
    assert names.of("facts.image") == "image facts"
    assert names.of("audio.clean") == "clean sound"
    assert names.of("image.clean") == "clean image"
    said = [names.of(each) for each in graph.type_names]
    assert len(set(said)) == len(said)


def test_a_name_keeps_the_capitals_that_the_catalogue_gives_it() -> None:
    types = {ResourceType("document.pdf"): TypeInfo(words=("PDF", "PDF file"))}
    assert TypeNames(ToolGraph([], types)).of("document.pdf") == "PDF"


def test_an_unknown_type_keeps_its_own_name() -> None:
    assert type_names(GRAPH).of("smell") == "smell"


def test_several_types_are_joined_as_people_do() -> None:
    names = type_names(GRAPH)
    assert names.joined(["audio.music", "image", "audio.music", "text"]) == "music, image and text"
    assert names.joined(["video"], "or") == "video"
    assert names.joined([]) == "nothing"


def test_a_missing_capability_names_what_would_go_on_from_there() -> None:
    missing = MissingCapability(inputs=("audio",), output="audio.music", then=("dub",))
    assert type_names(GRAPH).would_do(missing) == (
        "a tool from audio to music (dub would go on from there)"
    )
