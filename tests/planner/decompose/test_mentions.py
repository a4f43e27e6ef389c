"""What a request points at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import GRAPH, TYPES

from controlllm_planner.decompose.mentions import (
    MARKER,
    TypeWords,
    implied_attachments,
    mark,
)
from controlllm_planner.task import Attachment
from controlllm_tools.resources import ResourceType


def files(*names: str) -> list[Attachment]:
    return [Attachment(name=name, type=ResourceType("image")) for name in names]


def found(text: str, *names: str) -> list[tuple[str, str]]:
    return [(m.kind, m.text) for m in mark(text, files(*names)).mentions]


def test_an_attachment_is_found_by_its_name_in_any_case_and_in_quotes() -> None:
    assert found("Blur 'Photo.PNG' now", "photo.png") == [("attachment", "Photo.PNG")]


def test_an_attachment_is_found_by_the_last_part_of_its_path() -> None:
    assert found("blur cat.png", "resources/cat.png") == [("attachment", "cat.png")]


def test_a_name_inside_another_name_is_not_found_twice() -> None:
    assert found("join a.mp4 and aa.mp4", "a.mp4", "aa.mp4") == [
        ("attachment", "aa.mp4"),
        ("attachment", "a.mp4"),
    ]


def test_quotations_addresses_numbers_and_unknown_files_are_told_apart() -> None:
    text = 'write "hello there" on x.png, see https://example.org/a?b=1, 12.5 seconds'
    assert found(text) == [
        ("url", "https://example.org/a?b=1,"),
        ("quote", "hello there"),
        ("file", "x.png"),
        ("number", "12.5"),
    ]


def test_an_apostrophe_is_no_quotation() -> None:
    assert found("don't touch the dog's picture, it's fine") == []


@pytest.mark.parametrize(
    "text", ["blur ./cat.png", "blur my/cat.png", "blur /tmp/my/cat.png", "blur ~/cat.png"]
)
def test_an_attachment_is_found_by_a_path_to_it(text: str) -> None:
    assert found(text, "cat.png") == [("attachment", text.removeprefix("blur "))]


def test_two_folders_with_a_file_of_one_name_are_told_apart() -> None:
    assert found("join old/cat.png and new/cat.png", "cat.png") == [
        ("file", "old/cat.png"),
        ("file", "new/cat.png"),
    ]


def test_an_address_that_ends_like_an_attachment_is_an_address() -> None:
    url = "https://example.org/cat.png"
    assert found(f"read {url}", "cat.png") == [("url", url)]


@pytest.mark.parametrize(
    ("text", "is_result"),
    [
        ("save it as out.png", True),
        ("convert that to out.png", True),
        ("call it out.png", True),
        ("add this to out.png", False),
    ],
)
def test_the_name_of_a_result_is_told_from_a_file_to_read(text: str, *, is_result: bool) -> None:
    assert [mention.is_result for mention in mark(text, []).mentions] == [is_result]


def test_marked_text_reads_back_as_it_was() -> None:
    text = 'put "no. 5" on photo.png, please'
    marked = mark(text, files("photo.png"))
    assert marked.readable(marked.text) == text.replace('"', "")
    assert "photo.png" not in marked.words_only(marked.text)


@given(st.text(max_size=300))
def test_no_text_breaks_marking_and_none_smuggles_in_a_marker(text: str) -> None:
    marked = mark(text, files("a.png"))
    assert len(MARKER.findall(marked.text)) <= len(marked.mentions)
    for mention in marked.in_part(marked.text):
        assert mention in marked.mentions


def test_files_that_are_only_named_can_be_planned_for() -> None:
    implied = implied_attachments("merge example.jpg with song.mp3 and notes.xyz", [])
    assert [(each.name, each.type) for each in implied] == [
        ("example.jpg", "image"),
        ("song.mp3", "audio"),
    ]


TYPE_WORDS = TypeWords(TYPES, GRAPH.type_names)


@pytest.mark.parametrize(
    ("text", "type_", "determiner"),
    [
        ("with a suitable background music", "audio.music", "a"),
        ("for this film", "video", "this"),
        ("the bounding boxes", "boxes", "the"),
        ("new photos", "image", "new"),
    ],
)
def test_types_are_found_by_their_words_with_their_determiner(
    text: str, type_: str, determiner: str
) -> None:
    assert [(m.type, m.determiner) for m in TYPE_WORDS.find(text)] == [(type_, determiner)]


def test_the_longest_name_of_a_type_counts() -> None:
    assert [m.words for m in TYPE_WORDS.find("background music")] == ["background music"]


def test_a_quotation_stays_one_mention_although_it_names_a_file() -> None:
    marked = mark('write "blur a.png and crop it" on a.png', files("a.png"))
    assert [(m.kind, m.text) for m in marked.in_part(marked.text)] == [
        ("quote", "blur a.png and crop it"),
        ("attachment", "a.png"),
    ]


@pytest.mark.parametrize("quoted", ["'a.png'", '"a.png"', "`a.png`"])
def test_a_quoted_file_is_that_file(quoted: str) -> None:
    assert found(f"blur {quoted}", "a.png") == [("attachment", "a.png")]


@pytest.mark.parametrize("text", ["read 'notes.txt'", 'read "notes.txt"', "read `notes.txt`"])
def test_a_quoted_file_that_was_not_handed_over_is_a_file_and_no_quotation(text: str) -> None:
    assert found(text) == [("file", "notes.txt")]


@pytest.mark.parametrize("host", ["example.com", "www.example.org", "news.example.io/today"])
def test_a_host_without_a_scheme_is_an_address_of_the_web(host: str) -> None:
    assert found(f"summarise {host} for me") == [("url", host)]


@pytest.mark.parametrize("address", ["lisa@example.com", "jo.doe+x@mail.example.co.uk"])
def test_an_address_of_e_mail_is_no_file(address: str) -> None:
    assert found(f"send it to {address}, please") == [("address", address)]


@pytest.mark.parametrize(
    ("text", "is_result"),
    [
        ("I have a sound named x.wav", False),
        ("take the file called x.wav", False),
        ("create a sound named x.wav", True),
        ("make the speech and save it under x.wav", True),
    ],
)
def test_a_named_file_is_a_result_only_where_something_is_made(
    text: str, *, is_result: bool
) -> None:
    assert [(m.kind, m.is_result) for m in mark(text, []).mentions] == [("file", is_result)]


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece", ["x", "and", "a.", "-", "a@", "'", '"', "“", "`", "/", "a/", "www.", "1", "x.jpg "]
)
def test_long_runs_are_marked_in_linear_time(piece: str) -> None:
    # quadratic work on 100 000 characters takes minutes: the test would not end
    assert mark(piece * (100_000 // len(piece)), files("a.png")).mentions is not None
