"""`plan --explain`: reasons that a person reads, and a program gets whole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from command_line import Cli
from worlds import planner, request

from controlllm.cli.reasons import LEGEND, WIDTH, reason_lines
from controlllm_planner.reasoning.rivals import Rival
from controlllm_planner.reasoning.sources import Filled
from controlllm_planner.reasoning.story import WishStory, stories
from controlllm_planner.task import Clause

PLANNER = planner()


def lines(text: str, *attachments: str) -> list[str]:
    asked = request(text, *attachments)
    return list(reason_lines(stories(PLANNER, asked, PLANNER.trace(asked))))


def test_every_clause_has_a_line_before_the_wish_it_became() -> None:
    told = lines("Hello there. Blur photo.png, then read the words in it", "photo.png:image")
    assert told[0].startswith("> Hello there.: asks for nothing of its own (")
    assert told[1].startswith("> Blur photo.png: asks for blur_picture (")
    assert told[2] == "  wish 1 makes image"
    second = next(line for line in told if line.startswith("> read the words in it"))
    assert told[told.index(second) + 1] == "  wish 2 makes text"
    assert " ".join(told[-2:]) == LEGEND


def test_a_clause_that_nobody_understands_is_told_with_what_it_may_ask_for() -> None:
    asked = request("Blur photo.png", "photo.png:image")
    (story,) = stories(PLANNER, asked, PLANNER.trace(asked))
    clause = Clause(text="do the honours", asks=False, tools=(("collage", 0.2),), unclear=True)
    mail = Clause(text="email it", asks=False, none=0.93, unmet=True)
    told = list(reason_lines([replace(story, clauses=(*story.clauses, clause, mail))]))
    assert "> do the honours: asks for something, perhaps collage (20%): left aside" in told
    assert "> email it: no tool was found for it (93%): nothing is done about it" in told


def test_connecting_tools_values_and_the_proof_are_told() -> None:
    told = "\n".join(lines("Dub clip.mp4 with a suitable background music", "clip.mp4:video"))
    assert "    video -> beats: measure_video, because compose takes beats" in told
    assert "    beats -> music: compose, because dub takes audio" in told
    assert "    compose: seconds = s1.seconds, found out by measure_video" in told
    assert "    proven the cheapest: " in told


def test_figures_stand_under_their_names_and_no_line_is_wider_than_the_page() -> None:
    rivals = (
        Rival(
            tool="short",
            words=0.6,
            verdict="kept",
            reason="chosen",
            cost=1.25,
            parts=(("relevance", 0.5), ("time", 0.5), ("steps", 0.25)),
        ),
        Rival(
            tool="a_tool_with_quite_a_long_name_indeed",
            words=0.04,
            verdict="dominated",
            reason="says nothing of 'this' or 'that', 12.0 s slower, 2 steps more; though better",
            cost=11.5,
            parts=(("relevance", 3.0), ("binding", 8.5)),
        ),
        Rival(
            tool="gone", words=0.01, verdict="pruned_by_availability", reason="not here: x " * 30
        ),
    )
    story = WishStory(
        tasks=("t1",),
        goal="it",
        clauses=(Clause(text="word " * 40, asks=True, tools=(("short", 0.6),)),),
        wants=("text",),
        makes="text",
        rivals=rivals,
        connections=(),
        values=(),
        expanded=2_001,
        pruned=33_868,
        proven=False,
        eased="tools",
    )
    told = list(reason_lines([story]))
    assert max(map(len, told)) <= WIDTH
    head = next(line for line in told if "candidate" in line)
    first = next(line for line in told if line.startswith("    short"))
    for name, figure in (("words", "60%"), ("cost", "1.25"), ("fit", "0.50"), ("types", "0.00")):
        end = head.index(name) + len(name)
        assert first[:end].endswith(figure)
    assert "money" not in head
    assert any("not proven the cheapest: it took more than 2,001 partial plans" in e for e in told)


def test_every_column_of_the_candidates_is_in_the_legend() -> None:
    parts = ("relevance", "time", "money", "steps", "binding", "unreliability")
    rival = Rival(
        tool="a",
        words=1,
        verdict="kept",
        reason="chosen",
        cost=6,
        parts=tuple((p, 1) for p in parts),
    )
    asked = request("Blur a.png", "a.png:image")
    (story,) = stories(PLANNER, asked, PLANNER.trace(asked))
    told = list(reason_lines([replace(story, rivals=(rival,))]))
    head = next(line for line in told if "candidate" in line)
    assert "other" in head
    assert all(column in LEGEND for column in head.split()[1:])


def test_a_request_of_three_wishes_is_explained_on_a_page() -> None:
    told = lines(
        "Highlight the dog in a.png, describe it and make a title for the text; thanks a lot",
        "a.png:image",
    )
    assert len(told) <= 40


def test_what_is_too_long_for_a_page_is_counted() -> None:
    asked = request("Blur a.png", "a.png:image")
    (story,) = stories(PLANNER, asked, PLANNER.trace(asked))
    many = tuple(Filled(tool="blur", port=f"p{n}", value=n, source="said") for n in range(9))
    told = list(reason_lines([replace(story, values=many)]))
    assert "    ... and 4 more (--json has all)" in told
    assert "    blur: p4 = 4, said" in told
    assert "    blur: p5 = 5, said" not in told


def test_programs_get_the_reasons_with_the_plan(cli: Cli, photo: Path) -> None:
    words = "Resize photo.png to 200 pixels wide"
    data = json.loads(cli("plan", words, photo, "--explain", "--json").stdout)
    (story,) = data["reasons"]
    assert story["candidates"][0]["tool"] == data["steps"][0]["tool"] == "resize_image"
    assert story["values"][0] == {
        "tool": "resize_image",
        "port": "width",
        "value": 200,
        "source": "from '200 pixels'",
        "is_result": False,
    }
    assert "reasons" not in json.loads(cli("plan", words, photo, "--json").stdout)


def test_a_request_in_another_language_is_planned_with_a_note_or_refused_by_name(
    cli: Cli, photo: Path, tmp_path: Path
) -> None:
    words = "Mach bitte eine Collage aus photo.png"
    shown = cli("plan", words, photo)
    assert shown.returncode == 0, shown.stderr
    assert "note: this looks like German (de)" in shown.stdout
    refused = cli("plan", "Bitte entferne den Hintergrund", photo)
    assert refused.returncode == 2
    assert "this looks like German (de)" in refused.stderr
    batch = tmp_path / "in.jsonl"
    line = {"id": "1", "request": words, "resources": [{"name": "photo.png", "type": "image"}]}
    batch.write_text(json.dumps(line), encoding="utf-8")
    (answer,) = map(json.loads, cli("plan", "--batch", batch).stdout.splitlines())
    assert answer["error"] is None
    told = json.loads(cli("plan", words, photo, "--json").stdout)["notes"]
    assert answer["notes"] == told
    assert told[0].startswith("this looks like German (de)")
