"""The story of a run as a Provenance Run Crate: what its metadata says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eventful_run import CARDS, GOAL, EventfulRun, eventful_run
from histories import accept, add, finished, started, succeeded, text

from controlllm.provenance.run_crate import PROFILES, run_crate
from controlllm.provenance.story import RunStory
from controlllm_tools.resources import Resource

Graph = dict[str, dict[str, Any]]
Refs = dict[str, str] | list[dict[str, str]]

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00")


@pytest.fixture
def told(tmp_path: Path) -> Iterator[EventfulRun]:
    told = eventful_run(tmp_path)
    yield told
    told.store.close()


@pytest.fixture
def graph(told: EventfulRun) -> Graph:
    return graph_of(told, RunStory.read(told.store, told.run_id))


def graph_of(told: EventfulRun, story: RunStory) -> Graph:
    crate = run_crate(story, told.path_of, "1.2.3")
    return {each["@id"]: each for each in crate.metadata.generate()["@graph"]}


def refs(*ids: str) -> Refs:
    """References as JSON-LD has them: one alone, or a list."""
    held = [{"@id": each} for each in ids]
    return held[0] if len(held) == 1 else held


def tool(name: str) -> str:
    return f"#tool/{name}/{CARDS[name].card_hash[:12]}"


def artifact(resource: Resource, name: str) -> str:
    return f"artifacts/{resource.sha256}/{name}"


def typed(graph: Graph, type_: str) -> list[str]:
    return [id_ for id_, each in graph.items() if type_ in each["@type"]]


def test_the_root_says_which_profiles_it_keeps_to(graph: Graph, told: EventfulRun) -> None:
    root = graph["./"]
    assert root["conformsTo"] == refs(
        "https://w3id.org/ro/wfrun/process/0.5",
        "https://w3id.org/ro/wfrun/workflow/0.5",
        "https://w3id.org/ro/wfrun/provenance/0.5",
        "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
    )
    assert graph["ro-crate-metadata.json"]["conformsTo"] == refs(
        "https://w3id.org/ro/crate/1.1", "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
    )
    assert [graph[url]["@type"] for url in PROFILES] == ["CreativeWork"] * 4
    assert root["name"] == f"Run {told.run_id}"
    assert root["description"] == GOAL
    assert root["mainEntity"] == refs("plan.json")
    assert root["author"] == refs("#person")
    assert root["license"] == refs("#rights")
    assert root["datePublished"] == "2026-11-23T10:00:14.000+00:00"
    assert root["mentions"] == refs(
        "#run", *(f"#action/{step}" for step in ("s1", "s2", "s2b", "s3", "s4", "s5"))
    )


def test_the_plan_is_a_workflow_with_the_steps_that_were_begun(
    graph: Graph, told: EventfulRun
) -> None:
    plan = graph["plan.json"]
    assert plan["@type"] == ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"]
    assert plan["version"] == told.plan.digest
    assert plan["programmingLanguage"] == refs("#plan-language")
    assert graph["#plan-language"]["@type"] == "ComputerLanguage"
    assert plan["hasPart"] == refs(*map(tool, CARDS))
    steps = ("s1", "s2", "s2b", "s3", "s4", "s5")
    assert plan["step"] == refs(*(f"#step/{step}" for step in steps))
    assert [graph[f"#step/{step}"]["position"] for step in steps] == list("123456")
    assert plan["input"] == refs(
        "#plan/in/my%20clip.mp4", "#plan/in/notes.txt", "#plan/in/words%3As1.seconds"
    )
    assert plan["output"] == refs("#plan/out/s2b/image", "#plan/out/s3/title")


def test_a_tool_is_an_application_with_a_parameter_for_each_port_in_use(graph: Graph) -> None:
    stills = tool("stills")
    assert graph[stills] == {
        "@id": stills,
        "@type": "SoftwareApplication",
        "name": "stills",
        "softwareVersion": "1",
        "identifier": CARDS["stills"].card_hash,
        "description": "Take stills.",
        "input": refs(f"{stills}/input/seconds", f"{stills}/input/video"),
        "output": refs(f"{stills}/output/frames"),
    }
    assert graph[tool("stack")]["license"] == "MIT"
    assert graph[f"{stills}/input/seconds"] == {
        "@id": f"{stills}/input/seconds",
        "@type": "FormalParameter",
        "conformsTo": refs("https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"),
        "name": "seconds",
        "description": "seconds",
        "valueRequired": False,
        "additionalType": "PropertyValue",
        "workExample": refs("#value//words%3As1.seconds/0"),
    }
    assert "output" not in graph[tool("speak")]


def test_a_step_is_planned_controlled_and_run(graph: Graph, told: EventfulRun) -> None:
    stills = tool("stills")
    assert graph["#step/s1"]["@type"] == "HowToStep"
    assert graph["#step/s1"]["workExample"] == refs(stills)
    assert graph["#control/s1"] == {
        "@id": "#control/s1",
        "@type": "ControlAction",
        "name": "ControlLLM ran s1",
        "instrument": refs("#step/s1"),
        "object": refs("#action/s1"),
        "actionStatus": "http://schema.org/CompletedActionStatus",
    }
    assert graph["#action/s1"] == {
        "@id": "#action/s1",
        "@type": "CreateAction",
        "name": "s1: stills",
        "description": "stills 1",
        "identifier": told.store.steps(told.run_id)[0].key,
        "instrument": refs(stills),
        "agent": refs("#person"),
        "object": refs("#value//words%3As1.seconds/0", artifact(told.clip, "my_clip.mp4")),
        # two of the three frames have the same bytes; the other one is called as in the results
        "result": refs(artifact(told.frames[0], "0.png"), artifact(told.stacked, "stacked.png")),
        "startTime": "2026-11-23T10:00:03.000+00:00",
        "endTime": "2026-11-23T10:00:04.000+00:00",
        "actionStatus": "http://schema.org/CompletedActionStatus",
    }


def test_a_step_that_failed_tells_why(graph: Graph) -> None:
    for id_ in ("#action/s4", "#control/s4"):
        assert graph[id_]["actionStatus"] == "http://schema.org/FailedActionStatus"
        assert graph[id_]["error"] == "no voice [31m speaks this"
    assert graph["#action/s4"]["description"] == "speak 1, attempt 2"
    assert "result" not in graph["#action/s4"]
    assert graph["#action/s5"]["error"] == "stopped"


def test_a_step_that_was_taken_from_elsewhere_says_where(graph: Graph, told: EventfulRun) -> None:
    action = graph["#action/s3"]
    assert action["description"] == "make_title 1, taken from step s8 of run run-0"
    assert action["actionStatus"] == "http://schema.org/CompletedActionStatus"
    assert action["object"] == refs(artifact(told.notes, "notes.txt"))
    assert action["result"] == refs(artifact(told.title, "title.txt"))


def test_the_run_makes_of_what_was_handed_over_what_was_asked_for(
    graph: Graph, told: EventfulRun
) -> None:
    run = graph["#run"]
    assert run["instrument"] == refs("plan.json")
    assert run["object"] == refs(
        artifact(told.clip, "my_clip.mp4"),
        artifact(told.notes, "notes.txt"),
        "#value//words%3As1.seconds/0",
    )
    assert run["result"] == refs(
        artifact(told.stacked, "stacked.png"), artifact(told.title, "title.txt")
    )
    assert run["actionStatus"] == "http://schema.org/FailedActionStatus"
    assert run["error"] == "the run ended as partial"
    engine = graph["#engine-run"]
    assert engine["@type"] == "OrganizeAction"
    assert engine["instrument"] == refs("#engine")
    assert graph["#engine"]["softwareVersion"] == "1.2.3"
    assert engine["result"] == refs("#run")
    assert engine["object"] == refs(*typed(graph, "ControlAction"))


def test_an_artefact_is_a_file_with_its_facts(graph: Graph, told: EventfulRun) -> None:
    id_ = artifact(told.clip, "my_clip.mp4")
    assert graph[id_] == {
        "@id": id_,
        "@type": "File",
        "name": "my clip.mp4",
        "description": "9.5 s",
        "additionalType": "video",
        "encodingFormat": "video/mp4",
        "contentSize": "6",
        "sha256": told.clip.sha256,
        "exampleOfWork": refs("#plan/in/my%20clip.mp4", f"{tool('stills')}/input/video"),
    }
    files = typed(graph, "File")
    assert sorted(each["@id"] for each in graph["./"]["hasPart"]) == sorted(files)
    contents = {told.clip, told.notes, told.title, *told.frames}
    assert len(files) == len({each.sha256 for each in contents}) + len(["plan.json", "README.md"])


def test_a_setting_is_a_value(graph: Graph) -> None:
    assert graph["#value//words%3As1.seconds/0"] == {
        "@id": "#value//words%3As1.seconds/0",
        "@type": "PropertyValue",
        "name": "seconds",
        "value": "3",
        "exampleOfWork": refs("#plan/in/words%3As1.seconds", f"{tool('stills')}/input/seconds"),
    }


def test_connections_lead_from_port_to_port(graph: Graph) -> None:
    pairs = {
        (graph[id_]["sourceParameter"]["@id"], graph[id_]["targetParameter"]["@id"])
        for id_ in typed(graph, "ParameterConnection")
    }
    frames = f"{tool('stills')}/output/frames"
    title = f"{tool('make_title')}/output/title"
    assert pairs == {
        ("#plan/in/my%20clip.mp4", f"{tool('stills')}/input/video"),
        ("#plan/in/words%3As1.seconds", f"{tool('stills')}/input/seconds"),
        (frames, f"{tool('collage')}/input/pictures"),
        (frames, f"{tool('stack')}/input/pictures"),
        ("#plan/in/notes.txt", f"{tool('make_title')}/input/text"),
        (title, f"{tool('speak')}/input/text"),
        (title, f"{tool('shout')}/input/text"),
        (f"{tool('stack')}/output/image", "#plan/out/s2b/image"),
        (title, "#plan/out/s3/title"),
    }
    referred = [
        each["@id"] for entity in graph.values() for each in listed(entity.get("connection", []))
    ]
    assert sorted(referred) == sorted(typed(graph, "ParameterConnection"))


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_one_value_is_no_list_and_every_reference_leads_somewhere(graph: Graph) -> None:
    for entity in graph.values():
        for name, value in entity.items():
            assert not isinstance(value, list) or len(value) > 1, (entity["@id"], name)
            for each in listed(value):
                if isinstance(each, dict) and not each["@id"].startswith("http"):
                    assert each["@id"] in graph, (entity["@id"], name)


def test_times_are_told_as_the_profile_wants_them(graph: Graph) -> None:
    told = [
        entity[name]
        for entity in graph.values()
        for name in ("startTime", "endTime", "datePublished")
        if name in entity
    ]
    assert len(told) > 10
    assert [time for time in told if not TIME.fullmatch(time)] == []


def test_a_run_under_way_has_no_outcome_yet(told: EventfulRun) -> None:
    claim = accept(told.store, plan=told.plan)
    add(told.store, claim, started("s1"))
    graph = graph_of(told, RunStory.read(told.store, claim.run_id))
    for id_ in ("#run", "#action/s1", "#control/s1", "#engine-run"):
        assert not {"actionStatus", "error", "endTime"} & graph[id_].keys()
    assert graph["#action/s1"]["startTime"] == "2026-11-23T10:00:03.000+00:00"
    # its card is not in the record
    assert graph[f"#tool/tool/{'c' * 12}"]["softwareVersion"] == "?"


def test_names_that_a_file_system_would_not_take_are_made_safe(told: EventfulRun) -> None:
    claim = accept(told.store, plan=told.plan)
    names = ("../../etc/passwd", "a/b\\c", "..", "", "ä" * 200 + ".txt", "x\u0000y")
    made = [text(f"content {n}", name=name) for n, name in enumerate(names)]
    claim = add(told.store, claim, started("s1"), succeeded("s1", "out", *made))
    add(told.store, claim, finished())
    graph = graph_of(told, RunStory.read(told.store, claim.run_id))
    files = [each for each in typed(graph, "File") if each.startswith("artifacts/")]
    endings = [each.split("/", 2)[2] for each in files]
    assert endings == [
        "_.._etc_passwd",
        "a_b_c",
        "content",
        "content",
        "%C3%A4" * 96 + ".txt",
        "xy",
    ]


def test_the_metadata_is_json(told: EventfulRun) -> None:
    crate = run_crate(RunStory.read(told.store, told.run_id), told.path_of, "1.2.3")
    generated = crate.metadata.generate()
    assert json.loads(json.dumps(generated, allow_nan=False)) == generated
    assert generated["@context"] == [
        "https://w3id.org/ro/crate/1.1/context",
        "https://w3id.org/ro/terms/workflow-run/context",
    ]
