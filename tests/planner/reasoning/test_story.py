"""The reasons of a whole plan."""

import json
from dataclasses import replace

from worlds import planner, request

from controlllm_planner.priors import Observed, Priors
from controlllm_planner.reasoning.story import WishStory, stories
from controlllm_planner.search.beam import Beam
from controlllm_planner.task import Request

PLANNER = planner()


def told(asked: Request) -> tuple[WishStory, ...]:
    return stories(PLANNER, asked, PLANNER.trace(asked))


def test_each_wish_has_a_story_with_its_clauses_and_its_proof() -> None:
    asked = request(
        "Blur photo.png, then read the words in it and summarise them", "photo.png:image"
    )
    blur, read, summarise = told(asked)
    assert [each.rivals[0].tool for each in (blur, read, summarise)] == [
        "blur_picture",
        "read_words",
        "summarise",
    ]
    assert [clause.text for clause in read.clauses] == ["read the words in it"]
    assert summarise.makes == "summary"
    assert blur.proven
    assert blur.expanded > 0


def test_one_wish_of_several_files_has_one_story() -> None:
    asked = request("Read the words in these pictures", "a.png:image", "b.png:image")
    (story,) = told(asked)
    assert story.tasks == ("t1", "t2")


def test_the_story_prices_the_chosen_way_as_the_plan_does() -> None:
    asked = request(
        "Dub clip.mp4 with a suitable background music, then blur a.png",
        "clip.mp4:video",
        "a.png:image",
    )
    trace = PLANNER.trace(asked)
    for story, answer in zip(stories(PLANNER, asked, trace), trace.answers, strict=True):
        assert story.rivals[0].cost == round(answer.solutions[0].cost, 4)
        steps = [step for step in trace.plan.steps if step.task == answer.task.id]
        assert story.rivals[0].seconds == round(sum(s.estimate.seconds for s in steps), 3)


def test_the_story_is_told_with_what_was_known_when_the_plan_was_made() -> None:
    asked = request("Blur photo.png", "photo.png:image")
    blur = PLANNER.graph.card("blur_picture")
    slow = Observed(
        tool=blur.name, card_hash=blur.card_hash, worked=9, seconds=9.0, timed=9, log_ratio=1.0
    )
    known = [Priors(), Priors(tools={blur.card_hash: slow})]
    learns = replace(PLANNER, priors=lambda: known.pop(0) if len(known) > 1 else known[0])
    trace = learns.trace(asked)
    (story,) = stories(learns, asked, trace)
    assert story.rivals[0].reason == "chosen"
    assert story.rivals[0].seconds == trace.plan.estimate.seconds


def test_a_search_without_proof_claims_none() -> None:
    asked = request("Blur photo.png", "photo.png:image")
    quick = planner(strategy=Beam())
    (story,) = stories(quick, asked, quick.trace(asked))
    assert not story.proven


def test_a_story_survives_json() -> None:
    asked = request("Blur photo.png with strength 3", "photo.png:image")
    (story,) = told(asked)
    data = json.loads(json.dumps(story.to_json()))
    assert data["candidates"][0]["tool"] == "blur_picture"
    assert data["values"][0]["value"] == 3
    assert data["search"]["proven"] is True
    assert data["clauses"][0]["tools"]["blur_picture"] > 0.5
    words = data["candidates"][0]["words"]
    assert words == round(words, 4)


def test_telling_reasons_changes_no_plan() -> None:
    asked = request("Describe photo.png and make a title for the text", "photo.png:image")
    before = PLANNER.plan(asked)
    told(asked)
    assert PLANNER.plan(asked) == before
