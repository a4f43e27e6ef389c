"""What a file holds is told by its bytes; its name is only checked against that."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.sniff import EMPTY, check_name, sniff, sniff_bytes, told_by_name
from controlllm_tools.tool import ToolContext


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
def test_real_pictures_are_recognised(tmp_path: Path, form: str) -> None:
    path = tmp_path / "picture"
    Image.new("RGB", (20, 10), "red").save(path, format=form)
    assert sniff(path).family == "image"
    assert sniff(path).mime == f"image/{form.lower()}"


@pytest.mark.parametrize(
    ("ending", "options", "family", "mime"),
    [
        ("mp4", ["-c:v", "libx264"], "video", "video/mp4"),
        ("mov", ["-c:v", "libx264"], "video", "video/quicktime"),
        ("mkv", ["-c:v", "libx264"], "video", "video/x-matroska"),
        ("avi", ["-c:v", "mpeg4"], "video", "video/x-msvideo"),
        ("m4a", ["-vn", "-c:a", "aac", "-f", "ipod"], "audio", "audio/mp4"),
        ("mp3", ["-vn", "-c:a", "libmp3lame"], "audio", "audio/mpeg"),
        ("mp3", ["-vn", "-c:a", "libmp3lame", "-id3v2_version", "0"], "audio", "audio/mpeg"),
        ("ogg", ["-vn", "-c:a", "libvorbis"], "audio", "audio/ogg"),
        ("flac", ["-vn", "-c:a", "flac"], "audio", "audio/flac"),
        ("wav", ["-vn"], "audio", "audio/wav"),
    ],
)
def test_real_sound_and_film_is_recognised(
    context: ToolContext, ending: str, options: list[str], family: str, mime: str
) -> None:
    sources = ["-f", "lavfi", "-i", "testsrc=s=64x48:d=1", "-f", "lavfi", "-i", "sine=d=1"]
    path = ffmpeg.convert([], [*sources, *options], context.scratch / f"x.{ending}", context)
    kind = sniff(path)
    assert (kind.family, kind.mime) == (family, mime)
    assert kind.demuxers


@pytest.mark.parametrize(
    "text",
    ["BMW makes cars.", "ID3 is a tag", "RIFFs are fun", "OMG ftyp", "ffconcat version 1.0\n"],
)
def test_text_that_begins_like_a_medium_stays_text(text: str) -> None:
    assert sniff_bytes(text.encode()).family == "text"
    assert sniff_bytes(text.encode()).demuxers == ""


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1))
def test_text_is_never_given_to_a_demuxer_but_by_its_own_magic_words(text: str) -> None:
    kind = sniff_bytes(text.encode())
    magic = ("fLaC", "OggS", "GIF87a", "GIF89a")
    assert kind.family == "text" or text.startswith((*magic, "%PDF-", "PK\x03\x04"))


@given(st.binary(max_size=64))
def test_any_bytes_have_a_kind_and_only_media_has_demuxers(head: bytes) -> None:
    kind = sniff_bytes(head)
    assert bool(kind.demuxers) <= (kind.family in {"image", "audio", "video"})
    assert (kind == EMPTY) == (not head)


def test_text_cut_in_the_middle_of_a_character_is_still_text() -> None:
    assert sniff_bytes("naïve".encode()[:3]).family == "text"
    assert sniff_bytes(b"\xff\xfe\xfd and more").family == "unknown"


@pytest.mark.parametrize("name", ["film.mp4", "song.mp3", "photo.png"])
def test_text_under_the_name_of_a_medium_is_refused_with_the_way_out(name: str) -> None:
    kind = sniff_bytes(b"just words")
    with pytest.raises(
        InvalidInput, match=f"{name} ends in .* but holds text/plain; give the real"
    ):
        check_name(Path(name), kind)


def test_a_container_may_hold_sound_under_the_name_of_a_film_and_unknown_endings_pass() -> None:
    kind = sniff_bytes(b"fLaC")
    check_name(Path("film.mp4"), kind)
    check_name(Path("note.unheard-of"), kind)
    check_name(Path("no-ending"), kind)


def test_a_file_that_cannot_be_read_is_a_clear_refusal(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="No such file"):
        sniff(tmp_path / "missing.png")


@pytest.mark.parametrize(
    ("name", "mime"),
    [
        ("rows.csv", "text/csv"),
        ("ROWS.TSV", "text/tab-separated-values"),
        ("notes.md", "text/markdown"),
        ("page.htm", "text/html"),
        ("note.txt", "text/plain"),
        ("note", "text/plain"),
    ],
)
def test_the_form_of_a_text_is_told_by_its_name(name: str, mime: str) -> None:
    assert told_by_name(sniff_bytes(b"a,b\n1,2\n"), name).mime == mime


def test_a_name_changes_nothing_but_plain_text() -> None:
    picture = sniff_bytes(b"\x89PNG\r\n\x1a\n")
    assert told_by_name(picture, "rows.csv") == picture


@pytest.mark.parametrize("head", ["<!DOCTYPE html>\n<p>", "\ufeff\n  <HTML lang='en'>"])
def test_a_web_page_is_known_by_its_beginning(head: str) -> None:
    assert sniff_bytes(head.encode()).mime == "text/html"
    assert sniff_bytes(b"<p>no page</p>").mime == "text/plain"
