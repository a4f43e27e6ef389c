"""A page around a video: valid, closed to the outside, and true to what it was given."""

from __future__ import annotations

import base64
import functools
import hashlib
import http.server
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg, folders
from controlllm_tools.media.probe import probe
from controlllm_tools.perform import Product
from controlllm_tools.tool import ToolContext

Use = Callable[..., Mapping[str, Product]]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
HOSTILE = {
    word: word
    for word in (
        "</title><script>alert(1)</script>",
        "\"'><img src=x onerror=alert(1)>",
        "{{ 7 * 7 }} {% raw %}",
        "javascript:alert(1)",
        "]]> --> <!-- <![CDATA[",
        "&lt;b&gt; &amp; &#x3C;",
    )
} | {
    "a\u202egnp.exe\u200b\ufeff\u2066b\u0000\u0007c": "agnp.exebc",
    "non-characters \ufffe\ufdd0, tags \U000e0041.": "non-characters , tags .",
}
"""Hostile words, and what a page may show of them."""


@dataclass
class Page:
    """An unpacked page."""

    folder: Path
    html: str = field(init=False)
    tree: Element = field(init=False)

    def __post_init__(self) -> None:
        self.html = (self.folder / "index.html").read_text(encoding="utf-8")
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        self.tree = parser.parse(self.html)

    def texts(self, path: str) -> list[str]:
        return ["".join(element.itertext()) for element in self.tree.findall(path)]

    def meta(self, name: str) -> str:
        for key in ("name", "property", "http-equiv"):
            for element in self.tree.findall(f".//meta[@{key}='{name}']"):
                return element.get("content", "")
        return ""


Write = Callable[..., Page]


@pytest.fixture
def film(context: ToolContext) -> Path:
    sources = ["-f", "lavfi", "-i", "testsrc2=s=320x180:d=2:r=25", "-f", "lavfi", "-i", "sine=d=2"]
    options = [*sources, *ffmpeg.H264, *ffmpeg.AAC, *ffmpeg.MP4]
    return ffmpeg.convert([], options, context.scratch / "film.mp4", context)


@pytest.fixture
def write(use: Use, film: Path, tmp_path: Path) -> Write:
    """Make a page with some words, and unpack it."""

    def write(**words: str) -> Page:
        given = {"title": "Harbour", "tags": "sea, boats", "description": "Boats at sea."} | words
        page = use("web_page", video=film, **given)["page"]
        assert page.path is not None
        folder = tmp_path / "unpacked"
        shutil.rmtree(folder, ignore_errors=True)
        return Page(folders.unpack(page.path, folder))

    return write


def test_the_folder_holds_the_page_the_video_and_a_poster(write: Write, film: Path) -> None:
    page = write()
    assert sorted(path.name for path in page.folder.iterdir()) == [
        "index.html",
        "poster.jpg",
        "video.mp4",
    ]
    assert (page.folder / "video.mp4").read_bytes() == film.read_bytes()
    assert probe(page.folder / "poster.jpg")[1].width_px == 320


def test_the_page_says_what_it_was_given_and_is_valid_html(write: Write) -> None:
    page = write(
        title="Morning at the Harbour",
        tags="sea, fishing boats,sea; #calm\n",
        description="Boats leave the quay.\nThe sun rises.\n\nThe sea is calm.",
    )
    assert page.tree.get("lang") == "en"
    assert page.texts(".//title") == page.texts(".//h1") == ["Morning at the Harbour"]
    assert page.texts(".//section/p") == [
        "Boats leave the quay. The sun rises.",
        "The sea is calm.",
    ]
    assert page.texts(".//ul/li") == ["sea", "fishing boats", "calm"]
    summary = "Boats leave the quay. The sun rises. The sea is calm."
    assert page.meta("description") == page.meta("og:description") == summary
    assert page.meta("og:title") == "Morning at the Harbour"
    assert page.meta("viewport") == "width=device-width, initial-scale=1"
    assert page.meta("keywords") == "sea, fishing boats, calm"
    video = page.tree.find(".//video")
    assert video is not None
    assert {"controls", "playsinline"} <= set(video.keys())
    assert (video.get("poster"), video.get("width"), video.get("height")) == (
        "poster.jpg", "320", "180",
    )  # fmt: skip
    assert page.texts(".//figcaption") == ["0:02, 320 \u00d7 180"]


def test_the_language_of_the_words_is_the_language_of_the_page(write: Write) -> None:
    assert write(language="fr").tree.get("lang") == "fr"


@pytest.mark.parametrize(("words", "shown"), HOSTILE.items())
def test_hostile_words_stay_words(write: Write, words: str, shown: str) -> None:
    page = write(title=f"T {words}", tags=f"one, {words}", description=f"D {words}")
    assert page.texts(".//title") == page.texts(".//h1") == [f"T {shown}"]
    assert page.meta("og:title") == f"T {shown}"
    assert page.texts(".//section/p") == [page.meta("description")] == [f"D {shown}"]
    tags = [tag.strip() for tag in f"one, {shown}".replace(";", ",").split(",") if tag.strip()]
    assert page.texts(".//ul/li") == [tag.lstrip("#") for tag in tags]
    assert page.tree.findall(".//script") == page.tree.findall(".//img") == []
    links = {element.get("href") for element in page.tree.iter() if element.get("href")}
    assert links == {"poster.jpg", "video.mp4"}
    attributes = {name for element in page.tree.iter() for name in element.attrib}
    assert not [name for name in attributes if name.startswith("on")]


def test_letters_that_need_joiners_keep_them(write: Write) -> None:
    page = write(title="نمی‌خواهم 👩‍🚀")
    assert page.texts(".//h1") == ["نمی‌خواهم 👩‍🚀"]
    h1 = page.tree.find(".//h1")
    assert h1 is not None
    assert h1.get("dir") == "auto"


def test_the_policy_forbids_everything_but_the_folder_and_this_very_style(write: Write) -> None:
    page = write()
    policy = page.meta("Content-Security-Policy")
    assert policy.startswith("default-src 'none'; media-src 'self'; img-src 'self'; style-src ")
    (style,) = page.texts(".//style")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert not re.search(r"https?:|//[a-z]", page.html.replace("<!DOCTYPE html>", ""))


def test_long_words_are_cut_at_a_word(write: Write) -> None:
    page = write(title="harbour " * 60, description="calm sea " * 200)
    (title,) = page.texts(".//h1")
    assert len(title) <= 200
    assert title.endswith("harbour…")
    assert len(page.meta("description")) <= 200
    assert len(page.texts(".//section/p")[0]) > 1_000


def test_without_tags_and_description_nothing_empty_is_shown(write: Write) -> None:
    page = write(tags=" , ", description=" ")
    assert page.tree.find(".//section") is None
    assert page.meta("description") == "Harbour"


def test_an_empty_title_is_refused(write: Write) -> None:
    with pytest.raises(InvalidInput, match="title is empty"):
        write(title="\u200b \n")


def test_the_same_page_is_the_same_bytes(use: Use, film: Path) -> None:
    words = {"title": "Harbour", "tags": "sea", "description": "Boats."}
    first = use("web_page", video=film, **words)["page"]
    assert first.path is not None
    before = first.path.read_bytes()
    second = use("web_page", video=film, **words)["page"]
    assert second.path is not None
    assert second.path.read_bytes() == before


def test_a_video_that_browsers_do_not_play_is_converted(
    use: Use, context: ToolContext, tmp_path: Path
) -> None:
    source = ["-f", "lavfi", "-i", "testsrc2=s=64x48:d=1:r=10", "-c:v", "mpeg4"]
    old = ffmpeg.convert([], source, context.scratch / "old.avi", context)
    page = use("web_page", video=old, title="Old", tags="old", description="Old film.")["page"]
    assert page.path is not None
    folders.unpack(page.path, tmp_path / "page")
    assert probe(tmp_path / "page" / "video.mp4")[0].mime == "video/mp4"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where the unpacked page is served, with byte ranges left out as simple servers do."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

    handler = functools.partial(Quiet, directory=str(tmp_path / "unpacked"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()
        thread.join()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; apt-get install chromium")
@pytest.mark.parametrize("place", ["disk", "server"])
def test_the_video_plays_in_a_browser_and_nothing_else_is_asked_for(
    write: Write, address: str, place: str
) -> None:
    from playwright.sync_api import sync_playwright

    page = write(
        title="'><img src=x onerror=alert(1)>", tags="a, b", description="<script>alert(1)</script>"
    )
    url = address if place == "server" else (page.folder / "index.html").as_uri()
    asked: list[str] = []
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_FLAGS))
        tab = browser.new_page(viewport={"width": 390, "height": 844})
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("dialog", lambda dialog: complaints.append(dialog.message))
        tab.goto(url)
        tab.wait_for_function("document.querySelector('video').readyState >= 2", timeout=20_000)
        duration, width, overflow, ground = tab.evaluate(
            """() => {
                const video = document.querySelector("video");
                const root = document.documentElement;
                return [video.duration, video.videoWidth, root.scrollWidth - root.clientWidth,
                        getComputedStyle(document.body).backgroundColor];
            }"""
        )
        browser.close()
    assert duration == pytest.approx(2.0, abs=0.1)
    assert width == 320
    assert overflow == 0, "a phone would have to scroll sideways"
    assert ground == "rgb(246, 245, 242)", "the style was not applied"
    assert {each.rsplit("/", 1)[1] for each in asked} == {"index.html", "poster.jpg", "video.mp4"}
    assert complaints == []
