import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.subtitles import Cue, read_subtitles, to_srt

PLAIN = "1\n00:00:01,000 --> 00:00:02,500\nHello\nthere\n\n2\n00:01:00,000 --> 00:01:02,000\nBye\n"
CUES = (Cue(1.0, 2.5, "Hello\nthere"), Cue(60.0, 62.0, "Bye"))


def test_subrip_is_read() -> None:
    assert read_subtitles(PLAIN) == CUES


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN.replace(",", "."),
        PLAIN.replace("00:00:01,000 --> 00:00:02,500", "0:01,000-->00:02,5"),
        PLAIN.replace("1\n00:00", "00:00").replace("2\n00:01", "00:01"),
        "\n\n" + PLAIN.replace("\n\n", "\n \n\n\n") + "\n\n",
        PLAIN.replace("02,500", "02,500  X1:100 X2:200 Y1:10 Y2:20"),
        PLAIN.replace("Hello", "<i>Hel</i>lo").replace("Bye", r"{\an8}<font color=red>Bye</font>"),
    ],
)
def test_what_players_are_kind_about_makes_no_difference(text: str) -> None:
    assert read_subtitles(text) == CUES


def test_webvtt_is_read_without_its_settings_notes_and_names() -> None:
    text = (
        "WEBVTT - made by hand\nKind: captions\n\nNOTE\nnothing to see\n\nSTYLE\n::cue {}\n\n"
        "intro\n00:01.000 --> 00:02.500 align:start position:0%\n<v Ann>Hello</v>\nthere\n\n"
        "00:01:00.000 --> 00:01:02.000\n<c.loud>Bye</c>\n\n"
        "00:02:00.000 --> 00:02:01.000\nR&amp;B\n"
    )
    assert read_subtitles(text) == (*CUES, Cue(120, 121, "R&B"))


def test_cues_come_in_the_order_of_time_and_may_overlap() -> None:
    text = "00:05,000 --> 00:09,000\nB\n\n00:01,000 --> 00:06,000\nA\n"
    assert [cue.text for cue in read_subtitles(text)] == ["A", "B"]


def test_comparisons_and_braces_are_words() -> None:
    text = "00:01,000 --> 00:02,000\n1 < 2 > 0 {set}\n"
    assert read_subtitles(text)[0].text == "1 < 2 > 0 {set}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "hold no cue"),
        ("WEBVTT\n", "hold no cue"),
        ("1\n00:00:01,000 --> 00:00:02,000\n\n", "hold no cue"),
        ("1\n\n00:01,000 --> 00:02,000\nA\n", "line 1: the cue '1' has no times"),
        ("Once upon a time\n", "line 1: 'Once upon a time' is not a line of times"),
        ("1\n00:00:01,000 -> 00:00:02,000\nA\n", "line 2: "),
        ("00:01,000 --> 00:02,000\nA\n\n2\n00:xx,000 --> 00:04,000\nB\n", "line 5: '00:xx,000"),
        ("00:03,000 --> 00:02,000\nA\n", "line 1: the cue starts at 3 s and ends at 2 s"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_subtitles(text)


@given(
    st.lists(
        st.builds(
            lambda start, length, text: Cue(start / 1_000, (start + length) / 1_000, text),
            st.integers(0, 300 * 3_600_000),
            st.integers(1, 60_000),
            st.from_regex(r"[A-Za-z0-9,.!? ]*[A-Za-z][A-Za-z.!?]*", fullmatch=True).map(str.strip),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_what_is_written_is_read_again(cues: list[Cue]) -> None:
    assert read_subtitles(to_srt(cues)) == tuple(sorted(cues))
