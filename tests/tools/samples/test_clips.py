from pathlib import Path

import numpy as np
import pytest

from controlllm_tools.media.movies import video_facts
from controlllm_tools.media.sound import loudness_lufs
from controlllm_tools.samples.clips import CAPTION, clip
from controlllm_tools.samples.sounds import tone
from controlllm_tools.tool import ToolContext
from controlllm_tools.video.reading import TextReader
from controlllm_tools.video.stills import still


def test_the_clip_shows_a_brightening_scene_with_words_that_can_be_read(tmp_path: Path) -> None:
    told: list[float] = []
    context = ToolContext(scratch=tmp_path, progress=lambda fraction, _: told.append(fraction))
    path = clip(tmp_path / "clip.mp4", context, seconds=2.0)
    facts = video_facts(path)
    assert (facts.width_px, facts.height_px, facts.fps, facts.channels) == (640, 360, 25, 0)
    assert facts.duration_s == pytest.approx(2.0, abs=0.05)
    assert path.stat().st_size < 500_000
    early, late = (still(path, at_s, context, max_width_px=640) for at_s in (0.1, 1.8))
    assert early is not None
    assert late is not None
    assert late.mean() > early.mean() + 20
    assert np.abs(late.astype(int) - early).mean() > 10
    assert [text for text, _ in TextReader().lines(late)] == [CAPTION]
    assert told == sorted(told)
    assert told[-1] == 1


def test_speech_becomes_the_sound_and_makes_the_clip_long_enough(tmp_path: Path) -> None:
    context = ToolContext(scratch=tmp_path)
    voice = tone(tmp_path / "voice.wav", 1.2)
    path = clip(tmp_path / "clip.mp4", context, speech=voice, seconds=1.0)
    facts = video_facts(path)
    assert facts.channels == 2
    assert facts.duration_s == pytest.approx(1.9, abs=0.08)
    assert loudness_lufs(path, context) == pytest.approx(loudness_lufs(voice, context), abs=4)


def test_the_same_clip_is_the_same_bytes(tmp_path: Path) -> None:
    context = ToolContext(scratch=tmp_path)
    first, again = (clip(tmp_path / f"{n}.mp4", context, seconds=0.4) for n in range(2))
    assert first.read_bytes() == again.read_bytes()
