"""Facts come from the header; what is broken, misnamed or too large is refused there."""

import os
import resource
import struct
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.limits import Limits
from controlllm_tools.media.movies import frames
from controlllm_tools.media.probe import probe
from controlllm_tools.tool import ToolContext

BARS = ["-f", "lavfi", "-i", "testsrc=s=64x48:d=2:r=10"]
TONE = ["-f", "lavfi", "-i", "sine=d=2:r=44100"]


@pytest.fixture
def film(context: ToolContext) -> Path:
    options = [*BARS, *TONE, "-shortest", *ffmpeg.H264, *ffmpeg.AAC, *ffmpeg.MP4]
    return ffmpeg.convert([], options, context.scratch / "film.mp4", context)


def test_facts_of_a_film_are_measured(film: Path) -> None:
    kind, facts = probe(film)
    assert (kind.family, kind.mime) == ("video", "video/mp4")
    assert (facts.width_px, facts.height_px, facts.fps, facts.channels) == (64, 48, 10.0, 1)
    assert facts.duration_s == pytest.approx(2.0, abs=0.1)
    assert facts.sample_rate_hz == 44_100


def test_a_film_without_pictures_is_sound_whatever_its_container(context: ToolContext) -> None:
    options = [*TONE, *ffmpeg.AAC, *ffmpeg.MP4]
    path = ffmpeg.convert([], options, context.scratch / "only_sound.mp4", context)
    assert probe(path)[0].family == "audio"


def test_a_song_with_a_cover_picture_is_sound(context: ToolContext, tmp_path: Path) -> None:
    cover = tmp_path / "cover.png"
    Image.new("RGB", (30, 30), "green").save(cover)
    options = [
        *TONE, "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-disposition:v", "attached_pic",
        "-c:a", "flac",
    ]  # fmt: skip
    song = ffmpeg.convert([ffmpeg.Input(cover)], options, context.scratch / "song.flac", context)
    kind, facts = probe(song)
    assert kind.family == "audio"
    assert facts.width_px is None


def test_a_film_held_upright_has_the_size_that_one_sees(film: Path, context: ToolContext) -> None:
    turned = context.scratch / "turned.mp4"
    upright = ffmpeg.Input(film, ("-display_rotation", "90"))
    ffmpeg.convert([upright], ["-c", "copy", *ffmpeg.MP4], turned, context)
    _, facts = probe(turned)
    assert (facts.width_px, facts.height_px) == (48, 64)
    _, frame = next(frames(turned, context, fps=1, max_width_px=640))
    assert frame.shape == (64, 48, 3)


@pytest.mark.parametrize("name", ["-y.mp4", "pipe:0", "a:b.mp4", "concat:x|y.mp4", "x%03d.mp4"])
def test_no_name_can_pass_for_an_option_or_a_protocol(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / name).write_bytes(film.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert probe(Path(name))[1].duration_s == pytest.approx(2.0, abs=0.1)
    assert ffmpeg.Input(Path(name)).arguments()[-1] == f"file:{tmp_path / name}"


def test_a_missing_file_a_folder_and_an_empty_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(InvalidInput, match=r"gone\.mp4 is not a file"):
        probe(tmp_path / "gone.mp4")
    with pytest.raises(InvalidInput, match="is not a file"):
        probe(tmp_path)
    with pytest.raises(InvalidInput, match=r"empty\.mp4 is empty"):
        probe(tmp_path / "empty.mp4")


@pytest.mark.parametrize(
    "content",
    [
        "just words",
        "ffconcat version 1.0\nfile 'neighbour.mp4'\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nneighbour.mp4\n",
        "<?xml version='1.0'?><MPD></MPD>",
    ],
)
def test_a_list_of_files_under_the_name_of_a_film_is_never_opened(
    film: Path, context: ToolContext, content: str
) -> None:
    neighbour = film.rename(film.with_name("neighbour.mp4"))
    listed = film.with_name("list.mp4")
    listed.write_text(content)
    # does this file system note readings at all?
    os.utime(neighbour, ns=(1, neighbour.stat().st_mtime_ns))
    neighbour.read_bytes()
    notes_readings = neighbour.stat().st_atime_ns != 1
    os.utime(neighbour, ns=(1, neighbour.stat().st_mtime_ns))
    for attempt in (
        lambda: probe(listed),
        lambda: ffmpeg.convert([ffmpeg.Input(listed)], [], context.scratch / "out.mp4", context),
    ):
        with pytest.raises(InvalidInput):
            attempt()
    if notes_readings:
        assert neighbour.stat().st_atime_ns == 1, "the neighbour was read"


def test_a_film_that_was_cut_off_is_refused_before_it_is_decoded(film: Path) -> None:
    content = film.read_bytes()
    for share in (0.3, 0.9, 0.999):
        cut = film.with_name(f"cut{share}.mp4")
        cut.write_bytes(content[: int(len(content) * share)])
        with pytest.raises(InvalidInput, match=r"cut off after \d+ bytes; copy or"):
            probe(cut)


def test_a_film_with_something_behind_it_is_refused(film: Path) -> None:
    both = film.with_name("both.mp4")
    both.write_bytes(film.read_bytes() + b"PK\x03\x04" + b"\xff" * 500)
    with pytest.raises(InvalidInput):
        probe(both)


def test_a_picture_with_a_page_behind_it_is_only_ever_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "both.gif"
    Image.new("RGB", (4, 4)).save(path)
    path.write_bytes(path.read_bytes() + b"<script>alert(1)</script>")
    kind, facts = probe(path)
    assert kind.mime == "image/gif"
    assert facts.width_px == 4
    with pytest.raises(InvalidInput, match="holds image/gif"):
        probe(path, name="page.html")


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds almost no pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(1_000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(10_000, 6_000), (60_000, 60_000)])
def test_a_picture_over_the_limit_is_refused_on_its_header_fast_and_in_little_memory(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(png_header(*size))
    with pytest.raises(InvalidInput):  # everything that is imported on the way is now there
        probe(path)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.perf_counter()
    with pytest.raises(InvalidInput, match="limit"):
        probe(path)
    assert time.perf_counter() - begin < 0.5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 20_000  # KiB


def test_too_many_streams_are_refused(context: ToolContext) -> None:
    maps = [part for _ in range(17) for part in ("-map", "0:a")]
    options = [*TONE, *maps, "-c:a", "pcm_s16le"]
    path = ffmpeg.convert([], options, context.scratch / "many.mkv", context)
    with pytest.raises(InvalidInput, match="has 17 streams, the limit is 16"):
        probe(path)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(size_bytes=100), "bytes, the limit is 100"),
        (Limits(duration_s=1.0), "lasts 2 s, the limit is 1 s"),
        (Limits(video_pixels=100), "frames of 64x48 pixels"),
        (Limits(video_frames=10), "about 20 frames, the limit is 10"),
    ],
)
def test_each_limit_of_a_film_is_held(film: Path, limits: Limits, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        probe(film, limits=limits)


def test_limits_of_text_and_of_animated_pictures_are_held(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x" * 1_000)
    with pytest.raises(InvalidInput, match="1000 bytes of text"):
        probe(tmp_path / "a.txt", limits=Limits(text_bytes=100))
    pictures = [Image.new("RGB", (4, 4), (index * 60, 0, 0)) for index in range(5)]
    pictures[0].save(tmp_path / "a.gif", save_all=True, append_images=pictures[1:])
    assert probe(tmp_path / "a.gif")[1].frames == 5
    with pytest.raises(InvalidInput, match="has 5 frames"):
        probe(tmp_path / "a.gif", limits=Limits(image_frames=4))


def test_a_broken_header_is_refused_with_the_name_the_user_gave(tmp_path: Path) -> None:
    path = tmp_path / "upload-1"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 50)
    with pytest.raises(InvalidInput, match=r"holiday\.png is not a readable image/png"):
        probe(path, name="holiday.png")


@pytest.mark.parametrize(
    ("name", "content", "mime"),
    [
        ("rows.csv", "a,b\n1,2\n", "text/csv"),
        ("notes.md", "# Notes", "text/markdown"),
        ("data.json", '[{"a": 1}]', "application/json"),
        ("lines.json", '{"a": 1}\n{"a": 2}\n', "text/plain"),
        ("deep.json", "[" * 200_000, "text/plain"),
    ],
)
def test_forms_of_text_are_told_apart(tmp_path: Path, name: str, content: str, mime: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    assert probe(path)[0].mime == mime
