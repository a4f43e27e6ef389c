"""Eight works of the toolbox, asked for in words at the command line, by what comes out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from command_line import Cli, cli, home
from conftest import Use
from hearing import decibels
from PIL import Image
from props import MEETING, PAGE_LINES, SIGNS, TALK, Props

from controlllm_tools.document.pdf_text import page_text
from controlllm_tools.media.images import read_rgb
from controlllm_tools.media.movies import frames
from controlllm_tools.media.pdf import open_pdf
from controlllm_tools.media.probe import probe
from controlllm_tools.media.sound import loudness_lufs, read_sound
from controlllm_tools.tool import ToolContext

__all__ = ["cli", "home"]

Results = Mapping[str, list[Path]]
Run = Callable[..., Results]


@pytest.fixture(scope="module")
def props(tmp_path_factory: pytest.TempPathFactory) -> Props:
    return Props(ToolContext(scratch=tmp_path_factory.mktemp("props")))


@pytest.fixture(scope="module")
def talk(props: Props) -> Path:
    return props.talk("talk.mp4")


@pytest.fixture
def run(cli: Cli, tmp_path: Path) -> Run:
    """Do what words ask for; the files that came out, by their types."""

    def run(request: str, *files: Path) -> Results:
        ended = cli("run", request, *files, "--out", tmp_path / "out", "--json")
        assert ended.returncode == 0, ended.stderr
        found: dict[str, list[Path]] = {}
        for each in json.loads(ended.stdout)["artifacts"]:
            found.setdefault(each["type"], []).append(Path(each["path"]))
        return found

    return run


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()))


def share_of(wanted: str, text: str) -> float:
    """How many of the longer words of a text another one has."""
    longer = {word for word in words(wanted) if len(word) > 3}
    return len(longer & words(text)) / len(longer)


def pictures(video: Path, context: ToolContext, *, fps: float = 1.0) -> list[np.ndarray]:
    return [frame.copy() for _, frame in frames(video, context, fps=fps, max_width_px=640)]


def test_subtitles_are_burned_into_a_spoken_video(
    run: Run, use: Use, talk: Path, context: ToolContext
) -> None:
    (film,) = run("Burn subtitles into talk.mp4", talk)["video"]
    assert probe(film)[1].duration_s == pytest.approx(probe(talk)[1].duration_s, abs=0.2)
    above, below = [], []
    for before, after in zip(pictures(talk, context), pictures(film, context), strict=True):
        changed = np.abs(before.astype(int) - after).max(axis=2) > 60
        above.append(changed[:200].mean())
        below.append(changed[200:].mean())
    # a look that falls on the change of a slide may see the one before and the one after
    assert np.sum(np.array(above) > 0) < len(TALK), "more than the foot of the picture has changed"
    assert np.mean(np.array(below) > 0.01) > 0.7
    read = ""
    for number, picture in enumerate(pictures(film, context, fps=0.3)):
        strip = context.scratch / f"strip-{number}.png"
        Image.fromarray(picture[260:]).save(strip)
        read += " " + str(use("read_text", image=strip)["text"].text)
    said = " ".join(part.words for part in TALK)
    assert share_of(said, read) > 0.4
    assert {"apple", "train", "music"} <= words(read)


def test_a_noisy_recording_is_cleaned_written_down_and_summarised(
    run: Run, props: Props, context: ToolContext
) -> None:
    said = "\n\n".join(MEETING)
    noisy = props.noisy_speech("meeting.wav", said, snr_db=15)
    request = "Clean the noisy recording meeting.wav, transcribe it and summarise it in 2 sentences"
    made = run(request, noisy)
    (clean,) = made["audio"]
    hiss_before, hiss_after = (
        read_sound(path, context, rate_hz=16_000)[0][1_600:14_400] for path in (noisy, clean)
    )
    assert decibels(hiss_after) < decibels(hiss_before) - 8
    assert loudness_lufs(clean, context) == pytest.approx(loudness_lufs(noisy, context), abs=2)
    transcript = made["text.transcript"][0].read_text()
    assert share_of(said, transcript) > 0.5
    summary = made["text.summary"][0].read_text().split("\n")
    kept = [line for line in transcript.split("\n") if line in " ".join(summary)]
    assert len(kept) == 2
    assert len(" ".join(summary)) < 0.6 * len(transcript)


def test_ten_photos_become_a_slideshow_with_music_and_title(
    run: Run, use: Use, props: Props, context: ToolContext
) -> None:
    photos = props.photos(10)
    said = 'with calm music and the title "Summer by the sea", 2 seconds each'
    request = f"Make a slideshow of these ten photos {said}"
    (film,) = run(request, *photos)["video"]
    shown = pictures(film, context, fps=4)
    assert 18 < len(shown) / 4 < 32
    colours = np.array([picture.reshape(-1, 3).mean(axis=0) for picture in shown])
    order = []
    for photo in photos:
        own = read_rgb(photo).reshape(-1, 3).mean(axis=0)
        away = np.abs(colours - own).max(axis=1)
        assert away.min() < 14, f"{photo.name} is not shown"
        order.append(int(away.argmin()))
    assert order == sorted(order)
    first = context.scratch / "first.png"
    Image.fromarray(shown[6]).save(first)
    assert words("summer by the sea") <= words(str(use("read_text", image=first)["text"].text))
    sound = read_sound(film, context, rate_hz=8_000)[0]
    assert len(sound) / 8_000 == pytest.approx(len(shown) / 4, abs=0.5)
    assert loudness_lufs(film, context) > -30


def test_a_scanned_page_is_read_aloud(run: Run, use: Use, props: Props) -> None:
    made = run("Get the text of the scanned page and turn it into speech", props.scan("page.png"))
    text = made["text"][0].read_text()
    assert text.split() == " ".join(PAGE_LINES).split()
    (speech,) = made["audio.speech"]
    heard = str(use("speech_to_text", audio=speech)["transcript"].text)
    assert share_of(text, heard) > 0.4


def test_the_words_of_three_pictures_become_one_pdf_and_are_read_at_the_same_time(
    run: Run, cli: Cli, props: Props
) -> None:
    request = "find the text in these three images and make one PDF of it"
    (document,) = run(request, *props.signs())["document.pdf"]
    with open_pdf(document) as pages:
        texts = [page_text(page) for page in pages]
    assert len(texts) == len(SIGNS)
    for text, sign in zip(texts, SIGNS, strict=True):
        # the tool puts a heading above the words and a page number below
        assert " ".join(sign.split()) in " ".join(text.split())
    last = json.loads(cli("runs", "list", "--json").stdout)[0]["id"]
    lines = cli("runs", "events", last, "--json").stdout.splitlines()
    told = [json.loads(line) for line in lines]
    order = [(each["type"], each.get("step")) for each in told]
    begun = [at for at, (kind, _) in enumerate(order) if kind == "step_started"]
    ended = [at for at, (kind, _) in enumerate(order) if kind == "step_succeeded"]
    assert begun[1] < ended[0], "the second picture waits for the first"


@dataclass(frozen=True)
class Page:
    """A page in a folder of its own."""

    index: Path

    @property
    def html(self) -> str:
        return self.index.read_text(encoding="utf-8")

    def texts(self, pattern: str) -> list[str]:
        return [re.sub(r"<[^>]+>", " ", part) for part in re.findall(pattern, self.html, re.S)]


def test_a_talk_becomes_a_web_page(run: Run, talk: Path) -> None:
    request = "Make a web page of talk.mp4 with chapters, key frames, a transcript and tags"
    page = Page(run(request, talk)["document.webpage"][0])
    folder = page.index.parent
    assert probe(folder / "video.mp4")[1].duration_s == pytest.approx(
        probe(talk)[1].duration_s, abs=0.2
    )
    (chapters,) = page.texts(r'<ol class="chapters"[^>]*>.*?</ol>')
    assert "0:00" in chapters
    sources = re.findall(r'<img src="(frame-\d+\.jpg)"', page.html)
    colours = np.array([read_rgb(folder / each)[5, 5] for each in sources])
    for part in TALK:
        assert np.abs(colours.astype(int) - part.colour).max(axis=1).min() < 25
    said = " ".join(part.words for part in TALK)
    assert share_of(said, page.html) > 0.5
    (tags,) = page.texts(r'<ul class="tags"[^>]*>.*?</ul>')
    assert {"apple", "train", "music"} & words(tags)


def test_a_logo_is_cut_out_and_placed_into_a_photo(run: Run, props: Props) -> None:
    logo, photo = props.logo("logo.png"), props.photos(1)[0]
    made = run(f"Cut the logo out of logo.png and place it into {photo.name}", logo, photo)
    before, after = read_rgb(photo).astype(int), read_rgb(made["image"][-1]).astype(int)
    assert before.shape == after.shape
    changed = np.abs(before - after).max(axis=2) > 40
    rows, columns = np.nonzero(changed)
    area = (slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
    assert changed[area].mean() < 0.6, "the ground of the logo came with it"
    placed = after[area]
    assert not (placed.min(axis=2) > 245).any(), "white is left of its ground"
    for colour in ((20, 50, 150), (240, 120, 20)):
        near = np.abs(placed - colour).max(axis=2) < 40
        assert near.mean() > 0.05, f"the {colour} of the logo is missing"


def test_a_spectrogram_of_a_clip_lies_next_to_the_waveform(run: Run, use: Use, talk: Path) -> None:
    request = (
        "Show the spectrogram of the sound track of talk.mp4 and its waveform, "
        "then put both pictures next to each other"
    )
    picture = Image.fromarray(read_rgb(run(request, talk)["image"][-1]))
    sound = use("extract_audio", video=talk)["audio"].path
    sides = set()
    for name in ("spectrogram_picture", "waveform_picture"):
        drawn = use(name, audio=sound)["picture"].path
        assert drawn is not None
        own = Image.fromarray(read_rgb(drawn))
        width = round(own.width * picture.height / own.height)
        own = own.resize((width, picture.height))
        for side, left in (("left", 0), ("right", picture.width - width)):
            seen = picture.crop((left, 0, left + width, picture.height))
            if np.abs(np.asarray(seen, int) - np.asarray(own, int)).mean() < 6:
                sides.add((side, name))
    assert len(sides) == 2
    assert len(dict(sides)) == 2, "both lie on the same side"
