"""A page around a talk: chapters and key frames lead to their places, and words stay words."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg, folders
from controlllm_tools.media.probe import probe
from controlllm_tools.perform import ToolBench
from controlllm_tools.registry import Registry
from controlllm_tools.resources import Resource
from controlllm_tools.samples import item_of_file
from controlllm_tools.tool import Inputs, Item, ToolContext

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip
CHAPTERS = {
    "spans": [
        {"start_s": 0.0, "end_s": 1.0, "label": "Welcome"},
        {"start_s": 1.25, "end_s": 2.0, "label": "The <b>harbour</b>"},
        {"start_s": 9.0, "end_s": 12.0, "label": "After the end"},
    ]
}
TRANSCRIPT = " ".join(f"This is sentence {number}." for number in range(1, 8))


@dataclass
class Page:
    """An unpacked page."""

    folder: Path
    caption: str

    @property
    def html(self) -> str:
        return (self.folder / "index.html").read_text(encoding="utf-8")

    @property
    def tree(self) -> Element:
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        tree: Element = parser.parse(self.html)
        return tree

    def texts(self, path: str) -> list[str]:
        return ["".join(element.itertext()) for element in self.tree.findall(path)]


Write = Callable[..., Page]


@pytest.fixture
def write(registry: Registry, context: ToolContext, tmp_path: Path) -> Write:
    """Make a page around a film of two seconds, and unpack it."""
    sources = ["-f", "lavfi", "-i", "testsrc2=s=320x180:d=2:r=25", "-f", "lavfi", "-i", "sine=d=2"]
    options = [*sources, *ffmpeg.H264, *ffmpeg.AAC, *ffmpeg.MP4]
    film = ffmpeg.convert([], options, tmp_path / "film.mp4", context)
    frames = []
    for number, caption in enumerate(["frame at 0:00.4", "a <i>drawing</i>"]):
        path = tmp_path / f"frame-{number}.png"
        Image.new("RGB", (1_280, 720), (200, 40 * number, 0)).save(path)
        item = item_of_file(path, "image.frames")
        frames.append(Item(replace(item.resource, caption=caption), item.path))

    def write(**ports: object) -> Page:
        words = {
            "chapters": ("spans.chapters", CHAPTERS),
            "transcript": ("text.transcript", TRANSCRIPT),
            "tags": ("text.tags", "harbour, sea"),
        } | {name: (f"text.{name}", value) for name, value in ports.items() if name != "chapters"}
        if "chapters" in ports:
            words["chapters"] = ("spans.chapters", ports["chapters"])
        items: dict[str, Item | list[Item]] = {
            name: Item(Resource.of_value(*pair)) for name, pair in words.items()
        }
        items |= {"video": item_of_file(film, "video"), "frames": frames}
        (product,) = ToolBench().perform(registry.cards["talk_page"], Inputs.of(**items), context)
        assert product.path is not None
        folder = tmp_path / "unpacked"
        shutil.rmtree(folder, ignore_errors=True)
        return Page(folders.unpack(product.path, folder), product.caption)

    return write


def test_the_folder_holds_all_that_the_page_shows(write: Write) -> None:
    page = write()
    assert sorted(path.name for path in page.folder.iterdir()) == [
        "frame-01.jpg", "frame-02.jpg", "index.html", "poster.jpg", "video.mp4",
    ]  # fmt: skip
    assert probe(page.folder / "frame-01.jpg")[1].width_px == 640
    assert page.caption == "web page: Welcome; 2 chapters, 2 key frames"


def test_chapters_inside_the_film_are_links_to_their_times(write: Write) -> None:
    page = write()
    links = page.tree.findall(".//ol[@class='chapters']/li/a")
    assert [(a.get("href"), a.get("data-at")) for a in links] == [
        ("video.mp4#t=0.0", "0.0"),
        ("video.mp4#t=1.25", "1.25"),
    ]
    assert page.texts(".//ol[@class='chapters']/li/a/span") == [
        "0:00", "Welcome", "0:01", "The <b>harbour</b>",
    ]  # fmt: skip


def test_a_key_frame_leads_to_the_time_in_its_caption(write: Write) -> None:
    page = write()
    (link,) = page.tree.findall(".//div[@class='frames']/a")
    assert link.get("data-at") == "0.4"
    assert [img.get("alt") for img in page.tree.findall(".//img")] == [
        "frame at 0:00.4",
        "a <i>drawing</i>",
    ]


def test_the_transcript_is_divided_where_it_has_no_paragraphs(write: Write) -> None:
    paragraphs = write().texts(".//section[@id='transcript']/p")
    assert [paragraph.count("sentence") for paragraph in paragraphs] == [5, 2]
    assert " ".join(paragraphs) == TRANSCRIPT
    assert write(transcript="One.\n\nTwo.").texts(".//section[@id='transcript']/p") == [
        "One.",
        "Two.",
    ]


def test_a_title_is_the_headline(write: Write) -> None:
    page = write(title="Morning <Harbour>")
    assert page.texts(".//h1") == page.texts(".//title") == ["Morning <Harbour>"]
    assert page.texts(".//ul/li") == ["harbour", "sea"]


def test_without_chapters_words_and_tags_nothing_empty_is_shown(write: Write) -> None:
    page = write(chapters={"spans": []}, transcript=" ", tags=" ")
    assert page.texts(".//h1") == ["Talk"]
    assert [section.get("id") for section in page.tree.findall(".//section")] == ["frames"]


def test_only_our_own_script_may_run(write: Write) -> None:
    page = write(transcript="</p><script>alert(1)</script>", tags="<img src=x onerror=alert(2)>")
    (script,) = page.tree.findall(".//script")
    assert "film.currentTime" in (script.text or "")
    assert "alert" not in (script.text or "")
    assert len(page.tree.findall(".//img")) == 2
    policy = next(
        meta.get("content", "")
        for meta in page.tree.findall(".//meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; media-src 'self'; img-src 'self'; style-src ")
    assert "unsafe" not in policy


def test_what_are_no_chapters_is_refused(write: Write) -> None:
    with pytest.raises(InvalidInput, match="not a list of stretches of time"):
        write(chapters={"chapters": []})


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; apt-get install chromium")
def test_a_click_on_a_chapter_jumps_to_its_place(write: Write) -> None:
    from playwright.sync_api import sync_playwright

    page = write(transcript="<script>alert(1)</script>")
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_FLAGS))
        tab = browser.new_page(viewport={"width": 390, "height": 844})
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("dialog", lambda dialog: complaints.append(dialog.message))
        tab.goto((page.folder / "index.html").as_uri())
        tab.wait_for_function("document.querySelector('video').readyState >= 2", timeout=20_000)
        tab.evaluate("HTMLMediaElement.prototype.play = () => {}")
        tab.click("text=The <b>harbour</b>")
        tab.wait_for_function("document.querySelector('video').currentTime > 0", timeout=10_000)
        place, overflow = tab.evaluate(
            """() => [document.querySelector("video").currentTime,
                document.documentElement.scrollWidth - document.documentElement.clientWidth]"""
        )
        browser.close()
    assert place == pytest.approx(1.25, abs=0.05)
    assert overflow == 0, "a phone would have to scroll sideways"
    assert complaints == []
