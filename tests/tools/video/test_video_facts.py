import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.fonts import font
from controlllm_tools.media.video_facts import VideoFacts, read_video_facts
from controlllm_tools.perform import Product
from controlllm_tools.samples.sounds import tone

Frame = NDArray[np.uint8]
Film = Callable[..., Path]
Perform = Callable[..., tuple[Product, ...]]


def facts_of(perform: Perform, video: Path) -> VideoFacts:
    return read_video_facts(perform("video_facts", video=video)[0].text or "")


def test_length_size_and_rate_are_those_of_the_file(
    film: Film, perform: Perform, texture: Frame
) -> None:
    facts, seconds = perform("video_facts", video=film("plain", [texture] * 24, fps=12))
    read = read_video_facts(facts.text or "")
    assert (read.seconds, read.width_px, read.height_px, read.fps) == (2.0, 160, 96, 12.0)
    assert json.loads(seconds.text or "") == 2.0
    assert seconds.type == "number.seconds"
    assert (read.cuts, read.sound, read.faces, read.texts) == (0, None, 0, ())


def test_what_slides_to_the_left_is_found_to(film: Film, perform: Perform, texture: Frame) -> None:
    frames = [np.roll(texture, -2 * step, axis=1) for step in range(30)]
    motion = facts_of(perform, film("slides", frames, fps=10)).motion
    # the film is sampled at 8 of its 10 frames a second
    assert motion.drift_x == pytest.approx(-2 * 10 / 160, rel=0.25)
    assert motion.moving > 0.8


def test_cuts_between_shots_are_counted(
    film: Film, perform: Perform, texture: Frame, colours: Callable[..., Frame]
) -> None:
    shots = [colours((200, 60, 40)), texture, colours((30, 70, 190))]
    facts = facts_of(perform, film("shots", [shot for shot in shots for _ in range(10)]))
    assert facts.cuts == 2
    assert facts.cuts_per_minute == pytest.approx(40)
    assert facts.motion.peak < 0.02


def test_words_on_the_screen_are_read_once_with_their_time(film: Film, perform: Perform) -> None:
    title = Image.new("RGB", (480, 160), (30, 50, 90))
    ImageDraw.Draw(title).text((40, 50), "LAST TRAIN HOME", (255, 255, 255), font(40))
    dark = np.full((160, 480, 3), 60, dtype=np.uint8)
    facts = facts_of(perform, film("title", [dark] * 10 + [np.asarray(title)] * 30))
    assert [seen.text for seen in facts.texts] == ["LAST TRAIN HOME"]
    assert facts.texts[0].at_s == pytest.approx(1.44, abs=0.01)
    assert facts.texts[0].confidence > 0.9


def test_the_share_of_silence_is_that_of_the_sound(
    film: Film, perform: Perform, texture: Frame, tmp_path: Path
) -> None:
    loud, rate_hz = soundfile.read(tone(tmp_path / "loud.wav", 3.0))
    soundfile.write(tmp_path / "half.wav", np.concatenate([loud, 0 * loud]), rate_hz)
    video = film("half", [texture] * 60, sound=tmp_path / "half.wav")
    sound = facts_of(perform, video).sound
    assert sound is not None
    assert sound.silence == pytest.approx(0.5, abs=0.05)
    assert sound.loudness_lufs == pytest.approx(-15.7, abs=1)


def test_a_silent_track_has_no_loudness(
    film: Film, perform: Perform, texture: Frame, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "nothing.wav", np.zeros(88_200), 44_100)
    sound = facts_of(perform, film("mute", [texture] * 20, sound=tmp_path / "nothing.wav")).sound
    assert sound is not None
    assert (sound.loudness_lufs, sound.silence) == (None, 1.0)


def test_the_same_video_gives_the_same_facts(film: Film, perform: Perform, texture: Frame) -> None:
    video = film("again", [np.roll(texture, step, axis=0) for step in range(20)], hz=440)
    assert (
        perform("video_facts", video=video)[0].text == perform("video_facts", video=video)[0].text
    )


def test_sound_alone_is_no_video(perform: Perform, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="not a video"):
        perform("video_facts", video=("video", tone(tmp_path / "tone.wav")))
