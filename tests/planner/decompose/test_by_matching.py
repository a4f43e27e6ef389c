"""Decomposing without a language model."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import CARDS, GRAPH, TYPES, card, request

from controlllm_planner.decompose.by_matching import ByMatching
from controlllm_planner.errors import CannotDecompose, InvalidRequest, PlanningError
from controlllm_planner.matching.model import Matcher
from controlllm_planner.relevance import LexicalRelevance
from controlllm_planner.task import FromAttachment, FromTask, Spoken, Task
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.registry import TypeInfo
from controlllm_tools.resources import ResourceType


def decomposer(graph: ToolGraph) -> ByMatching:
    lexical = LexicalRelevance(graph)
    return ByMatching(graph, lexical, Matcher.shipped(graph, lexical))


DECOMPOSER = decomposer(GRAPH)


def tasks(text: str, *attachments: str, graph: ToolGraph = GRAPH) -> tuple[Task, ...]:
    by_matching = DECOMPOSER if graph is GRAPH else decomposer(graph)
    return by_matching.decompose(request(text, *attachments))


def starts(task: Task) -> list[str]:
    """The task's required givens, as names of files and ids of tasks."""
    found = []
    for each in task.given:
        if each.required:
            match each.origin:
                case FromAttachment(name):
                    found.append(name)
                case FromTask(task_id):
                    found.append(str(task_id))
                case Spoken(value):
                    found.append(repr(value))
    return found


def test_one_wish_is_one_task_on_the_file_it_names() -> None:
    (task,) = tasks("Could you please blur photo.png?", "photo.png:image", "other.png:image")
    assert starts(task) == ["photo.png"]
    assert task.wants == ("image",)


def test_a_pronoun_means_the_result_before() -> None:
    first, second = tasks("Blur photo.png and then describe it", "photo.png:image")
    assert starts(second) == [str(first.id)]
    assert second.wants == ("text",)


def test_the_name_of_a_type_means_the_latest_result_of_that_type() -> None:
    blur, read, segment = tasks(
        "Blur photo.png, read the words in it, then segment the picture", "photo.png:image"
    )
    assert starts(read) == [str(blur.id)]
    assert starts(segment) == [str(blur.id)]


def test_several_files_become_parallel_tasks() -> None:
    found = tasks("Read the words in these pictures", "a.png:image", "b.png:image", "c.png:image")
    assert [starts(task) for task in found] == [["a.png"], ["b.png"], ["c.png"]]


def test_several_files_go_to_one_tool_that_takes_a_list() -> None:
    (task,) = tasks("Arrange a.png and b.png as a collage", "a.png:image", "b.png:image")
    assert starts(task) == ["a.png", "b.png"]


def test_it_beside_a_file_of_one_list_is_in_the_list_and_otherwise_the_file_itself() -> None:
    files = ("a.png:image", "b.png:image")
    _, collage = tasks("Blur a.png and arrange it next to b.png as a collage", *files)
    assert starts(collage) == ["t1", "b.png"]
    (collage,) = tasks("Arrange it with b.png as a collage", *files)
    assert starts(collage) == ["a.png", "b.png"]
    (collage,) = tasks("Arrange it with b.png as a collage", *files, "c.png:image")
    assert starts(collage) == ["b.png"]
    _, collage = tasks("Blur a.png. Then arrange b.png and make it a collage", *files)
    assert starts(collage) == ["b.png"]


@pytest.mark.parametrize("words", ["one sheet of them", "them into a single sheet"])
def test_one_thing_of_several_goes_to_one_tool_though_another_fits_better(words: str) -> None:
    sheet = card("sheet", "picture:image", "image:image", "Make a sheet of a picture.")
    sheets = card("sheets", "pictures:image*", "image:image", "Make a sheet of pictures.")
    graph = ToolGraph([*CARDS, sheet, sheets], TYPES)
    several = tasks(
        f"Blur these photos and make {words}", "a.png:image", "b.png:image", graph=graph
    )
    assert several[-1].endings[0].tool in {"sheets", "collage"}
    assert starts(several[-1]) == ["t1", "t2"]


def test_what_was_made_goes_where_a_tool_needs_it_and_no_file_will_do() -> None:
    put = card("put_down", "part:image.mask under:image", "image:image", "Put a cat on a picture.")
    graph = ToolGraph([*CARDS, put], TYPES)
    _, placed = tasks(
        "Segment a.png and put the cat on b.png", "a.png:image", "b.png:image", graph=graph
    )
    assert starts(placed) == ["t1", "b.png"]


def test_a_file_that_a_later_wish_names_is_not_meant_by_one_that_names_none() -> None:
    files = ("dog.png:image", "b.png:image")
    blur, read = tasks("Blur the picture and read the words in b.png", *files)
    assert (starts(blur), starts(read)) == (["dog.png"], ["b.png"])
    segment, read = tasks("Segment it and then read the words in b.png", *files)
    assert (starts(segment), starts(read)) == (["dog.png"], ["b.png"])


def test_the_file_that_was_named_last_is_meant_by_a_wish_that_names_none() -> None:
    files = ("a.png:image", "b.png:image")
    for text in ("Describe b.png. Then blur the picture.", "Describe b.png and then blur it."):
        _, blur = tasks(text, *files)
        assert starts(blur) == ["b.png"], text


@pytest.mark.parametrize(
    "text",
    [
        "Read the words in all the pictures. Then blur a.png.",
        "Read the words in these pictures and then blur a.png",
        "Read the words in both and blur a.png",
    ],
)
def test_all_files_are_meant_by_words_for_several_whatever_is_named_later(text: str) -> None:
    *read, blur = tasks(text, "a.png:image", "b.png:image")
    assert [starts(task) for task in read] == [["a.png"], ["b.png"]]
    assert starts(blur) == ["a.png"]


def test_a_tool_for_several_takes_all_files_whatever_is_named_later() -> None:
    collage, blur = tasks("Arrange a collage, then blur a.png", "a.png:image", "b.png:image")
    assert (starts(collage), starts(blur)) == (["a.png", "b.png"], ["a.png"])


def test_what_is_said_before_and_asked_for_later_is_done_once() -> None:
    text = "I need a description of photo.png. Please blur the picture and describe it."
    first, second = tasks(text, "photo.png:image")
    assert (starts(first), starts(second)) == (["photo.png"], [str(first.id)])
    assert second.wants == ("text",)


def test_a_question_about_a_file_is_asked_in_its_own_words_and_not_in_those_of_an_answer() -> None:
    ask = card("ask", "image:image question:text", "answer:text", "Answer a question on a picture.")
    graph = ToolGraph([*CARDS, ask], TYPES)
    files = ("a.png:image", "b.png:image")
    text = "What is the dog doing in the picture a.png? How old is the cat in the picture b.png."
    first, second = tasks(text, *files, graph=graph)
    assert [task.endings[0].tool for task in (first, second)] == ["ask", "ask"]
    assert (starts(first), starts(second)) == (["a.png"], ["b.png"])


def test_a_kind_of_thing_that_is_wanted_is_not_taken_for_one_on_the_way() -> None:
    masks = card("outline", "image:image", "mask:image.mask", "Return the mask of a picture.")
    paint = card("paint", "mask:image.mask", "image:image", "Paint a picture from its mask.")
    graph = ToolGraph([*CARDS, masks, paint], TYPES)
    (wanted,) = tasks("Return the mask of a new kind for a.png", "a.png:image", graph=graph)
    (on_the_way,) = tasks("Paint a new picture from the mask of a.png", "a.png:image", graph=graph)
    assert wanted.endings[0].tool in {"outline", "segment_picture"}
    assert on_the_way.endings[0].tool == "paint"
    assert on_the_way.via == ("image.mask",)


def test_what_a_wish_quotes_is_what_it_works_on_although_more_was_made_before() -> None:
    _, spoken = tasks('Describe a.png and speak "good morning"', "a.png:image")
    assert starts(spoken) == ["'good morning'"]
    _, spoken = tasks("Describe a.png and speak it", "a.png:image")
    assert starts(spoken) == ["t1"]


def test_an_address_is_a_text_for_a_tool_that_is_said_to_take_addresses() -> None:
    code = card("code", "text:text", "image:image", "Make a QR code of a text or an address.")
    fetch = card("fetch", "url:url", "text:text", "Fetch a page of the web.")
    url = ResourceType("url")
    graph = ToolGraph([*CARDS, code, fetch], {**TYPES, url: TypeInfo()})

    def must_use(text: str) -> list[str]:
        (task,) = tasks(text, graph=graph)
        return [str(given.type) for given in task.given if given.required]

    assert must_use("Make a QR code of https://example.org/a") == ["text"]
    assert must_use("Summarise https://example.org/a") == ["url"]


def test_one_verb_for_two_kinds_of_files_asks_for_no_tool_that_joins_them() -> None:
    faster = card("faster", "audio:audio", "audio:audio", "Speed up a sound or a film.")
    graph = ToolGraph([*CARDS, faster], TYPES)
    files = ("a.mp3:audio", "b.mp4:video")
    assert tasks("Speed up a.mp3 and b.mp4", *files, graph=graph)[0].endings[0].tool == "faster"
    assert tasks("Dub b.mp4 with a.mp3", *files, graph=graph)[0].endings[0].tool == "dub"


def test_both_means_the_results_that_nothing_was_made_of_yet() -> None:
    blur, segment, collage = tasks(
        "Blur a.png, then segment b.png, then arrange both as a collage",
        "a.png:image",
        "b.png:image",
    )
    assert starts(collage) == [str(blur.id), str(segment.id)]
    blur, again, title = tasks("Blur a.png, describe it, then speak them", "a.png:image")
    assert starts(title) == [str(again.id)]


def test_what_is_to_be_done_first_is_done_first_though_it_is_said_last() -> None:
    blur, describe = tasks("Describe the picture after blurring it", "a.png:image")
    assert blur.endings[0].tool == "blur_picture"
    assert starts(blur) == ["a.png"]
    assert starts(describe) == [str(blur.id)]


def test_it_means_all_results_of_a_wish_that_was_done_for_several_files() -> None:
    *reads, speak = (
        tasks("Read the words in these photos", "a.png:image", "b.png:image")
        + tasks("Blur these photos and arrange them as a collage", "a.png:image", "b.png:image")[
            -1:
        ]
    )
    assert len(reads) == 2
    assert starts(speak) == ["t1", "t2"]


def test_a_new_thing_that_is_named_is_made_on_the_way() -> None:
    (task,) = tasks("Dub clip.mp4 with a suitable background music", "clip.mp4:video")
    assert task.via == ("audio.music",)
    assert task.wants == ("video",)


def test_a_thing_that_was_handed_over_is_not_made_again() -> None:
    (task,) = tasks("Dub clip.mp4 with this song", "clip.mp4:video", "song.mp3:audio")
    assert task.via == ()
    assert starts(task) == ["clip.mp4", "song.mp3"]


def test_quoted_text_must_be_used() -> None:
    (task,) = tasks('Read aloud "all aboard" as speech')
    assert starts(task) == ["'all aboard'"]


def test_pasted_text_must_be_used_and_asks_for_nothing_itself() -> None:
    (task,) = tasks("Read this text aloud: Blur the photo. All aboard!")
    assert starts(task) == ["'Blur the photo. All aboard!'"]


def test_context_without_a_wish_lends_its_files_to_the_wish() -> None:
    (task,) = tasks("Here is photo.png. Blur it for me.", "photo.png:image", "z.png:image")
    assert starts(task) == ["photo.png"]


def test_numbers_are_kept_with_the_words_around_them() -> None:
    (task,) = tasks("Blur photo.png with strength 7", "photo.png:image")
    assert [number.value for number in task.numbers] == [7.0]
    assert "strength" in task.numbers[0].before


def test_what_matches_nothing_is_said_back() -> None:
    with pytest.raises(CannotDecompose) as caught:
        tasks("Fribble the gronk.", "photo.png:image")
    assert caught.value.not_understood == ("Fribble the gronk.",)


def test_a_file_that_was_not_handed_over_is_refused_by_name() -> None:
    with pytest.raises(InvalidRequest, match=r"'/?etc/x\.png' was not handed over"):
        tasks("Blur etc/x.png")


def test_a_media_file_that_was_not_handed_over_is_refused_beside_others_that_were() -> None:
    way_out = r"'music\.mp3' was not handed over \(attached: clip\.mp4\); append the path"
    with pytest.raises(InvalidRequest, match=way_out):
        tasks("Dub clip.mp4 with music.mp3", "clip.mp4:video")


@pytest.mark.parametrize("words", ["Blur a.png as in node.js", "Blur a.png and save it as b.png"])
def test_a_word_with_a_dot_and_the_name_of_a_result_are_no_missing_files(words: str) -> None:
    assert starts(tasks(words, "a.png:image")[0]) == ["a.png"]


def test_an_attachment_that_is_not_named_needs_no_error() -> None:
    assert starts(tasks("Blur a.png", "a.png:image", "b.mp3:audio")[0]) == ["a.png"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Blur a.png with strength 7 and c.png with strength 3", [[7], [3]]),
        ("Blur with strength 7 a.png and with strength 3 c.png", [[7], [3]]),
        ("Blur a.png and c.png with strength 3", [[3], [3]]),
        ("Blur with strength 7 the photos a.png and c.png", [[7], [7]]),
    ],
)
def test_a_number_stays_with_the_file_it_is_said_of(text: str, values: list[list[float]]) -> None:
    found = tasks(text, "a.png:image", "c.png:image")
    assert [starts(task) for task in found] == [["a.png"], ["c.png"]]
    assert [[number.value for number in task.numbers] for task in found] == values


WORDS = ("blur", "read", "then", "and", "it", "the", "picture", "a.png", "b.png", ",", ".", "song")


@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
@settings(max_examples=200, deadline=None)
def test_any_order_of_words_is_taken_apart_or_refused_in_our_own_words(text: str) -> None:
    try:
        found = tasks(text, "a.png:image", "b.png:image")
    except PlanningError:
        return
    known = {task.id for task in found}
    for number, task in enumerate(found):
        earlier = {other.id for other in found[:number]}
        used = {each.origin.task for each in task.given if isinstance(each.origin, FromTask)}
        assert used <= earlier <= known


def test_the_unit_of_a_number_is_not_asked_for() -> None:
    (task,) = tasks("Compose background music, 90 seconds long", "b.mp4:video")
    assert task.wants == ("audio.music",)


def test_more_than_anybody_wishes_at_once_is_refused_before_it_takes_long() -> None:
    text = "Blur the picture, read its words aloud. Compare the two pictures. " * 300
    with pytest.raises(InvalidRequest, match="more than 1,000 things; ask for fewer"):
        tasks(text, "a.png:image")


def test_few_of_many_things_stand_by_for_ports_that_are_left_over() -> None:
    names = [f"{number}.txt:text" for number in range(300)]
    (task,) = tasks("Blur a.png", "a.png:image", *names)
    assert len(task.given) < 80


def test_few_of_many_quotations_are_used() -> None:
    (task,) = tasks("Read aloud " + ", ".join(f'"word {number}"' for number in range(200)))
    assert len(task.given) < 150
