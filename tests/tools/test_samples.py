"""Samples are real content of their types, the same every time."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from controlllm_tools.card import Port
from controlllm_tools.media.boxes import Boxes
from controlllm_tools.media.images import read_rgb
from controlllm_tools.media.mood import read_mood
from controlllm_tools.media.sentences import sentences
from controlllm_tools.media.sound import read_sound
from controlllm_tools.media.subtitles import read_subtitles
from controlllm_tools.media.video_facts import read_video_facts
from controlllm_tools.registry import Registry
from controlllm_tools.samples import NoSample, item_of_file, sample, sample_for, samples_for
from controlllm_tools.tool import ToolContext


@pytest.mark.parametrize(
    "type_", ["image", "image.edges", "audio.music", "audio.speech", "document.webpage"]
)
def test_files_are_the_same_bytes_every_time(context: ToolContext, type_: str) -> None:
    first = sample(type_, context).resource.sha256
    assert sample(type_, context).resource.sha256 == first


def test_values_fit_their_types(context: ToolContext) -> None:
    assert read_mood(sample("mood", context).text()).name
    assert read_video_facts(sample("facts.video", context).text()).seconds > 0
    assert len(read_subtitles(sample("text.subtitles", context).text())) == 2
    assert len(sentences(sample("text", context).text())) > 10
    assert 2 <= len(sample("text.tags", context).text().split(",")) <= 8
    for type_ in ("boxes", "boxes.faces", "boxes.words"):
        boxes = Boxes.from_json(sample(type_, context).text())
        picture = sample("image", context).resource.facts
        assert (boxes.width_px, boxes.height_px) == (picture.width_px, picture.height_px)
        assert boxes.boxes


def test_the_picture_has_colours_and_the_outlines_are_thin(context: ToolContext) -> None:
    photo = sample("image", context)
    assert photo.path is not None
    assert read_rgb(photo.path).reshape(-1, 3).std(axis=0).min() > 30
    lines = sample("image.edges", context)
    assert lines.path is not None
    assert 0.005 < float((read_rgb(lines.path) > 0).mean()) < 0.1


def test_the_video_moves_and_can_be_heard(context: ToolContext) -> None:
    clip = sample("video", context)
    assert clip.path is not None
    assert clip.resource.facts.duration_s == pytest.approx(6.0, abs=4.0)
    sound = read_sound(clip.path, context, rate_hz=8_000)
    assert float(np.abs(sound).max()) > 0.05


def test_the_page_is_a_page(context: ToolContext) -> None:
    page = sample("document.webpage", context)
    assert page.path is not None
    with zipfile.ZipFile(page.path) as packed:
        assert packed.read("index.html").startswith(b"<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("port", "value"),
    [
        (Port(name="p", type="option", choices=("up", "down")), "up"),
        (Port(name="p", type="option", choices=("up", "down"), default="down"), "down"),
        (Port(name="p", type="number", default=0), 0),
        (Port(name="p", type="boolean", default=False), False),
        (Port(name="p", type="number"), 0.5),
    ],
)
def test_a_port_gets_its_default_or_its_first_choice(
    context: ToolContext, port: Port, value: object
) -> None:
    assert sample_for(port, context).resource.value == value


def test_a_port_that_takes_a_list_gets_two_unlike_items_of_its_type(
    registry: Registry, context: ToolContext
) -> None:
    ports = {p.type: p for card in registry.cards.values() for p in card.inputs if p.many}
    assert {"audio", "document.pdf", "image", "text", "video"} <= set(ports)
    for type_, port in ports.items():
        first, second = samples_for(port, context)
        assert (first.resource.type, second.resource.type) == (type_, type_)
        assert first.resource.sha256 != second.resource.sha256
        assert first.resource.size_bytes != second.resource.size_bytes


@pytest.mark.parametrize(
    "port", [Port(name="p", type="image"), Port(name="p", type="option", choices=("a", "b"))]
)
def test_a_port_that_takes_one_gets_one(context: ToolContext, port: Port) -> None:
    (item,) = samples_for(port, context)
    assert item == sample_for(port, context)


def test_an_unknown_type_is_named_with_those_that_are_known(context: ToolContext) -> None:
    with pytest.raises(NoSample, match=r"no sample of type 'smell\.rose'; ") as raised:
        sample("smell.rose", context)
    known = str(raised.value).partition("samples of: ")[2].split(", ")
    assert {"audio", "text.transcript", "video"} <= set(known)
    assert all(sample(each, context).resource.type == each for each in known)


def test_a_file_becomes_an_item_with_its_measures(context: ToolContext, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("four")
    item = item_of_file(tmp_path / "a.txt", "text.title")
    assert (item.resource.type, item.resource.size_bytes, item.resource.mime) == (
        "text.title", 4, "text/plain",
    )  # fmt: skip
    assert item.text() == "four"
