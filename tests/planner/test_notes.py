"""Notes on how a request was read."""

from dataclasses import replace

from worlds import CARDS, TYPES, card, planner, request

from controlllm_planner.arguments.spoken import spoken_parameters
from controlllm_planner.notes import notes
from controlllm_planner.plan import FromResource, Plan
from controlllm_planner.task import Clause, Constraints, Task, TaskId
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import Port

DIRECTION = Port(name="direction", type="option", optional=True, choices=("louder", "quieter"))
VOLUME = card("change_volume", "audio:audio", "audio:audio", "Make a sound louder or quieter.")
GRAPH = ToolGraph([*CARDS, replace(VOLUME, inputs=(*VOLUME.inputs, DIRECTION))], TYPES)


def plan(text: str) -> Plan:
    return planner(GRAPH).plan(request(text, "a.wav:audio"))


def test_most_requests_need_no_note() -> None:
    made = plan("Make a.wav louder")
    assert made.notes == ()
    assert dict(made.steps[0].inputs)["direction"][0].value == "louder"  # type: ignore[union-attr]


def test_wishes_that_contradict_each_other_are_told_of() -> None:
    made = plan("Make a.wav louder and quieter")
    assert [step.tool for step in made.steps] == ["change_volume"]
    assert "direction" not in dict(made.steps[0].inputs)
    assert made.notes == (
        "the words say 'louder' and 'quieter', of which change_volume takes one: it was told "
        "neither",
    )


def test_what_a_request_says_not_to_do_is_told_as_left_aside() -> None:
    made = plan("Make a.wav louder. Don't choreograph anything.")
    assert made.notes == ('"Don\'t choreograph anything." says what not to do, and was left aside',)


def test_a_clause_of_which_it_is_not_clear_what_it_asks_for_is_told_as_left_aside() -> None:
    (answer,) = planner(GRAPH).trace(request("Make a.wav louder", "a.wav:audio")).answers
    clause = Clause(text="do the honours", asks=False, unclear=True)
    task = replace(answer.task, clauses=(*answer.task.clauses, clause))
    assert notes([replace(answer, task=task)], GRAPH) == (
        "it is not clear what 'do the honours' asks for: it was left aside",
    )


def test_what_no_tool_was_found_for_is_told() -> None:
    made = plan("Make a.wav louder and email it to Bob")
    assert [step.tool for step in made.steps] == ["change_volume"]
    assert made.notes == ("no tool was found for 'email it to Bob': nothing is done about it",)


def test_a_language_that_no_tool_of_a_wish_knows_of_is_told() -> None:
    cards = (card("subtitle", "video:video", "video:video", "Add subtitles to a film."), *CARDS)
    made_by = planner(ToolGraph(cards, TYPES))
    made = made_by.plan(request("Add subtitles in French to a.mp4", "a.mp4:video"))
    assert made.notes == (
        "no tool of this part can be told 'French': what it makes may be in another language",
    )
    assert not made_by.plan(request("Describe a.png in English", "a.png:image")).notes
    assert not made_by.plan(request("Blur a.png for German friends", "a.png:image")).notes
    translate = card("translate", "text:text", "text:text", "Translate a text.")
    other = planner(ToolGraph((translate, *CARDS), TYPES))
    assert not other.plan(request("Translate a.txt into French", "a.txt:text")).notes


def test_no_value_is_read_off_a_clause_that_is_left_aside() -> None:
    said = Clause(text="change a.wav", asks=True)
    louder = Clause(text="louder", asks=True)
    task = Task(id=TaskId("t1"), goal="change it", clauses=(said, louder))
    aside = replace(task, clauses=(said, replace(louder, asks=False, unclear=True)))
    card_of_volume = GRAPH.card("change_volume")
    assert spoken_parameters(card_of_volume, task) == {"direction": "louder"}
    assert spoken_parameters(card_of_volume, aside) == {}


def test_a_plan_that_ends_with_another_tool_than_the_words_ask_for_says_so() -> None:
    limits = Constraints(deny_tools=frozenset({"caption_picture", "read_words"}))
    asked = request("Describe photo.png", "photo.png:image", constraints=limits)
    twin = card("guess_picture", "image:image", "text:text", "Say what may be there.")
    made = planner(ToolGraph([*CARDS, twin], TYPES)).plan(asked)
    assert [step.tool for step in made.steps] == ["guess_picture"]
    assert made.notes == (
        "the words ask for caption_picture, which may not be used: the request denies it; "
        "guess_picture makes the same kind of thing",
    )


def test_a_plan_that_cannot_use_all_that_the_words_name_says_what_it_leaves_out() -> None:
    limits = Constraints(deny_tools=frozenset({"compose"}))
    words = "Dub a.mp4 with background music"
    made = planner().plan(request(words, "a.mp4:video", constraints=limits))
    assert [step.tool for step in made.steps] == ["sound_track", "dub"]
    assert made.notes == (
        "nothing here does it with all that the words name; the plan leaves music out",
    )


def test_a_plan_that_uses_more_of_what_was_given_leaves_nothing_out() -> None:
    compare = card("compare", "one:image other:image", "number:number", "Compare two pictures.")
    still = card("still", "video:video", "frame:image", "Take one frame of a video.")
    made_by = planner(ToolGraph([*CARDS, compare, still], TYPES))
    trace = made_by.trace(request("Compare the picture", "a.png:image", "b.mp4:video"))
    assert {name for step in trace.plan.steps for name in step.inputs} >= {
        ("one", (FromResource("a.png"),)),
        ("video", (FromResource("b.mp4"),)),
    }
    assert [answer.eased for answer in trace.answers] == ["nothing"]
    assert trace.plan.notes == ()


def test_a_file_that_no_step_reads_is_told() -> None:
    made = planner(GRAPH).plan(request("Make a.wav louder", "a.wav:audio", "b.wav:audio"))
    assert made.notes == ("not used by any step: b.wav",)
    others = [f"{number}.png:image" for number in range(7)]
    (note,) = planner(GRAPH).plan(request("Make a.wav louder", "a.wav:audio", *others)).notes
    assert note == "not used by any step: 0.png, 1.png, 2.png, 3.png, 4.png and 2 more"


def test_a_file_that_shall_not_be_touched_is_not_told_to_be_unused() -> None:
    text = "Do not touch b.wav, but make a.wav louder"
    (note,) = planner(GRAPH).plan(request(text, "a.wav:audio", "b.wav:audio")).notes
    assert note == "'Do not touch b.wav' says what not to do, and was left aside"
    others = "a.wav:audio", "b.wav:audio", "ba.wav:audio"
    text = "Do not touch ba.wav, but make b.wav louder"
    _, unused = planner(GRAPH).plan(request(text, *others)).notes
    assert unused == "not used by any step: a.wav"
