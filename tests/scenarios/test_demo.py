"""The lecture's own example, whole: words and a video in, a dubbed video and a web page out."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from controlllm_tools.media.probe import probe
from controlllm_tools.media.sound import loudness_lufs, read_sound
from controlllm_tools.tool import ToolContext


def controlllm(home: Path, *arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "controlllm", *map(str, arguments)],
        env={**os.environ, "CONTROLLLM_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    out, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    return out


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def demo(home: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """Output folder and result of one demo."""
    out = tmp_path_factory.mktemp("demo-output")
    return out, json.loads(finish(controlllm(home, "demo", "--out", out, "--json")))


def test_the_demo_delivers_a_video_and_a_page(demo: tuple[Path, dict[str, object]]) -> None:
    out, result = demo
    assert result["state"] == "succeeded"
    artifacts = result["artifacts"]
    assert isinstance(artifacts, list)
    assert [each["type"] for each in artifacts] == ["video", "document.webpage"]
    assert all(Path(each["path"]).is_relative_to(out) for each in artifacts)
    assert (out / "video.mp4").stat().st_size < 1_000_000


def test_the_sound_is_new_and_as_long_as_the_video(
    demo: tuple[Path, dict[str, object]], tmp_path: Path
) -> None:
    out, _ = demo
    before, after = out / "video.mp4", out / "results" / "dubbed.mp4"
    _, facts_before = probe(before)
    kind, facts = probe(after)
    assert kind.mime == "video/mp4"
    assert facts.duration_s == pytest.approx(facts_before.duration_s, abs=0.1)
    context = ToolContext(scratch=tmp_path)
    old = read_sound(before, context, rate_hz=16_000)[0]
    new = read_sound(after, context, rate_hz=16_000)[0]
    length = min(len(old), len(new))
    assert abs(len(new) / 16_000 - (facts.duration_s or 0)) < 0.1
    old, new = old[:length] - old[:length].mean(), new[:length] - new[:length].mean()
    music = new - old * (np.dot(new, old) / np.dot(old, old))
    under_db = 10 * np.log10(np.mean(music**2) / np.mean(new**2))
    assert -20 < under_db < -3, "the music is not heard, or it drowns the words"
    pause = np.abs(old) < 0.01
    assert np.sqrt(np.mean(music[pause] ** 2)) > 0.01, "nothing is heard where nobody speaks"
    assert loudness_lufs(after, context) == pytest.approx(-16.0, abs=1.5)


def test_the_music_follows_from_the_measured_facts_of_the_video(
    home: Path, demo: tuple[Path, dict[str, object]]
) -> None:
    shown = json.loads(finish(controlllm(home, "runs", "show", str(demo[1]["run_id"]), "--json")))
    node = shown["lineage"][0]
    chain = []
    while node["step"] is not None:
        chain.append(node["step"]["tool"])
        follow = {"dub_video": "audio", "compose_music": "mood"}.get(node["step"]["tool"])
        inputs = {each["port"]: each["from"] for each in node["inputs"]}
        node = inputs[follow] if follow else next(iter(inputs.values()))
    assert chain == ["dub_video", "compose_music", "choose_mood", "video_facts"]
    assert node["artifact"]["name"] == "video.mp4"
    length = {
        each["port"]: each["from"]["artifact"]["text"]
        for each in shown["lineage"][0]["inputs"][0]["from"]["inputs"]
    }
    assert float(length["seconds"]) == pytest.approx(6.0, abs=0.2)


@pytest.mark.promise("P5")
def test_every_file_is_explained(home: Path, demo: tuple[Path, dict[str, object]]) -> None:
    told = finish(controlllm(home, "runs", "show", str(demo[1]["run_id"])))
    for words in ("dub_video v", "compose_music v", "web_page v", "why:", "from you", "Decisions"):
        assert words in told


PLAYED = """new Promise(done => {
    const video = document.querySelector('video');
    video.addEventListener('timeupdate', () => video.currentTime > 0.5 && done());
})"""
"""Resolves when half a second was played; the page's own policy forbids waiting by `eval`."""


@pytest.mark.browser
def test_the_page_plays_its_video_in_a_browser(demo: tuple[Path, dict[str, object]]) -> None:
    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        pytest.skip("no Chromium here: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    page_file = demo[0] / "results" / "webpage" / "index.html"
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    calm = ["--no-first-run", "--disable-sync", "--autoplay-policy=no-user-gesture-required"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*quiet, *calm])
        page = browser.new_page()
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text))
        page.goto(page_file.as_uri())
        page.evaluate("document.querySelector('video').play()")
        page.evaluate(PLAYED)
        seconds = page.evaluate("document.querySelector('video').duration")
        heading = page.inner_text("h1")
        browser.close()
    assert seconds == pytest.approx(6.0, abs=0.2)
    assert heading
    assert problems == []


@pytest.mark.promise("P3")
def test_a_demo_that_is_killed_again_and_again_ends_with_the_same_files(
    home: Path, demo: tuple[Path, dict[str, object]], tmp_path: Path
) -> None:
    """Kills the whole program at random moments until it has been killed five times."""
    chance = random.Random(20_261_122)
    video = demo[0] / "video.mp4"
    words = f"Can you dub the {video.name} with a suitable background music and then generate a "
    request = f"{words}HTML web page for this video?"
    other = tmp_path / "home"
    kills = 0
    command: tuple[str | Path, ...] = ("run", request, video, "--json")
    while True:
        process = controlllm(other, *command)
        try:
            out, errors = process.communicate(
                timeout=chance.uniform(2.5, 5.0) if kills < 5 else 240
            )
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            kills += 1
            accepted = json.loads(finish(controlllm(other, "runs", "list", "--json")))
            command = ("runs", "resume", accepted[0]["id"], "--json") if accepted else command
            continue
        break
    assert process.returncode == 0, errors
    result = json.loads(out)
    assert {each["sha256"] for each in result["artifacts"]} == {
        each["sha256"]
        for each in demo[1]["artifacts"]  # type: ignore[attr-defined]
    }
    lines = finish(controlllm(other, "runs", "events", result["run_id"], "--json")).splitlines()
    events = [json.loads(line) for line in lines]
    done = Counter(e["step"] for e in events if e["type"] in {"step_succeeded", "step_cached"})
    assert set(done.values()) == {1}, "a committed step ran twice"
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
