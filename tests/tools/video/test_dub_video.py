from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.sound import loudness_lufs, read_sound
from controlllm_tools.perform import Product
from controlllm_tools.samples.sounds import tone
from controlllm_tools.tool import ToolContext

Frame = NDArray[np.uint8]
Film = Callable[..., Path]
Perform = Callable[..., tuple[Product, ...]]
RATE_HZ = 48_000


def heard(product: Product, tmp_path: Path) -> NDArray[np.float32]:
    assert product.path is not None
    return read_sound(product.path, ToolContext(scratch=tmp_path), rate_hz=RATE_HZ)[0]


def level_db(samples: NDArray[np.float32], hz: float) -> float:
    """Level of a tone in a stretch of sound, in dB of its amplitude."""
    window = np.hanning(len(samples))
    wave = np.exp(-2j * np.pi * hz * np.arange(len(samples)) / RATE_HZ)
    return float(20 * np.log10(2 * abs((samples * window * wave).sum()) / window.sum() + 1e-9))


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(container.streams.video[0])]


@pytest.fixture
def mute(film: Film, texture: Frame) -> Path:
    return film("mute", [np.roll(texture, step, axis=1) for step in range(60)])


@pytest.fixture
def beeping(film: Film, texture: Frame, tmp_path: Path) -> Path:
    """Six seconds in which 1000 Hz sounds for a second, rests for a second, and so on."""
    times = np.arange(6 * RATE_HZ) / RATE_HZ
    beeps = 0.3 * np.sin(2 * np.pi * 1_000 * times) * (times % 2 < 1)
    soundfile.write(tmp_path / "beeps.wav", beeps, RATE_HZ)
    return film("beeping", [texture] * 60, sound=tmp_path / "beeps.wav")


def test_a_silent_video_gets_the_music_as_its_only_sound(
    mute: Path, perform: Perform, tmp_path: Path
) -> None:
    music = ("audio.music", tone(tmp_path / "long.wav", 9.0, 330))
    (product,) = perform("dub_video", video=mute, audio=music)
    assert product.facts.duration_s == pytest.approx(6.0, abs=0.05)
    samples = heard(product, tmp_path)
    assert level_db(samples[RATE_HZ : 5 * RATE_HZ], 330) > -20
    assert "the last 3.0 s of it are left out" in product.caption
    assert product.path is not None
    assert loudness_lufs(product.path, ToolContext(scratch=tmp_path)) == pytest.approx(-16, abs=1)


def test_the_pictures_are_copied_bit_by_bit(mute: Path, perform: Perform, tmp_path: Path) -> None:
    (product,) = perform("dub_video", video=mute, audio=tone(tmp_path / "tone.wav"))
    assert product.path is not None
    assert packets(product.path) == packets(mute)


def test_pictures_that_browsers_cannot_play_are_encoded_again(
    mute: Path, perform: Perform, tmp_path: Path
) -> None:
    context = ToolContext(scratch=tmp_path)
    options = ["-c:v", "mpeg4", "-q:v", "3", "-f", "matroska"]
    old = ffmpeg.convert([ffmpeg.Input(mute)], options, tmp_path / "old.mkv", context)
    (product,) = perform("dub_video", video=old, audio=tone(tmp_path / "tone.wav"))
    with av.open(str(product.path)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        assert container.streams.audio[0].codec_context.name == "aac"
    assert product.facts.duration_s == pytest.approx(6.0, abs=0.11)


def test_short_music_goes_round_without_a_gap_and_fades(
    mute: Path, perform: Perform, tmp_path: Path
) -> None:
    music = ("audio.music", tone(tmp_path / "short.wav", 2.0, 440))
    samples = heard(perform("dub_video", video=mute, audio=music)[0], tmp_path)
    levels = np.abs(samples[: 6 * RATE_HZ]).reshape(60, -1).max(axis=1)
    assert levels[12:48].min() > 0.3 * levels.max()
    assert levels[0] < 0.3 * levels.max()
    assert levels[-1] < 0.2 * levels.max()


def test_music_lies_under_the_videos_own_sound_and_gives_way_to_it(
    beeping: Path, perform: Perform, tmp_path: Path
) -> None:
    music = ("audio.music", tone(tmp_path / "music.wav", 6.0, 300))
    (product,) = perform("dub_video", video=beeping, audio=music, fade_s=0)
    samples = heard(product, tmp_path)
    during = samples[int(2.3 * RATE_HZ) : int(2.9 * RATE_HZ)]
    between = samples[int(3.5 * RATE_HZ) : int(3.9 * RATE_HZ)]
    assert level_db(during, 1_000) - level_db(during, 300) > 12
    assert level_db(between, 300) - level_db(during, 300) > 3
    assert level_db(between, 300) > -40
    assert product.path is not None
    assert loudness_lufs(product.path, ToolContext(scratch=tmp_path)) == pytest.approx(-16, abs=1)


def test_a_voice_is_put_in_front_and_said_once(
    beeping: Path, perform: Perform, tmp_path: Path
) -> None:
    voice = ("audio.speech", tone(tmp_path / "voice.wav", 1.0, 300))
    (product,) = perform("dub_video", video=beeping, audio=voice)
    samples = heard(product, tmp_path)
    during = samples[int(0.3 * RATE_HZ) : int(0.9 * RATE_HZ)]
    later = samples[int(2.3 * RATE_HZ) : int(2.9 * RATE_HZ)]
    assert level_db(during, 300) - level_db(during, 1_000) > 12
    assert level_db(later, 300) < -70
    assert level_db(later, 1_000) > -40


def test_replacing_drops_the_videos_own_sound(
    beeping: Path, perform: Perform, tmp_path: Path
) -> None:
    music = ("audio.music", tone(tmp_path / "music.wav", 6.0, 300))
    (product,) = perform("dub_video", video=beeping, audio=music, mode="replace")
    assert level_db(heard(product, tmp_path)[: 2 * RATE_HZ], 1_000) < -70


def test_peaks_between_the_samples_stay_below_one_decibel(
    mute: Path, perform: Perform, tmp_path: Path
) -> None:
    rng = np.random.default_rng(3)
    clicks = np.zeros(6 * RATE_HZ)
    clicks[:: RATE_HZ // 7] = rng.uniform(-1, 1, len(clicks[:: RATE_HZ // 7]))
    sound = 0.03 * rng.standard_normal(len(clicks)) + np.convolve(clicks, np.hanning(9), "same")
    soundfile.write(tmp_path / "clicks.wav", sound.clip(-1, 1), RATE_HZ)
    (product,) = perform("dub_video", video=mute, audio=("audio", tmp_path / "clicks.wav"))
    assert product.path is not None
    context = ToolContext(scratch=tmp_path)
    samples = read_sound(product.path, context, rate_hz=RATE_HZ, channels=2)
    peak = np.abs(resample_poly(samples, 4, 1, axis=1)).max()
    assert -4 < 20 * np.log10(peak) <= -0.9
    assert loudness_lufs(product.path, context) == pytest.approx(-16, abs=1)


def test_the_same_call_makes_the_same_bytes(
    beeping: Path, perform: Perform, tmp_path: Path
) -> None:
    sound = tone(tmp_path / "tone.wav")
    results = {
        perform("dub_video", video=beeping, audio=sound)[0].path.read_bytes() for _ in range(4)
    }
    assert len(results) == 1


def test_the_index_stands_in_front_so_that_browsers_start_at_once(
    mute: Path, perform: Perform, tmp_path: Path
) -> None:
    (product,) = perform("dub_video", video=mute, audio=tone(tmp_path / "tone.wav"))
    assert product.path is not None
    content = product.path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_a_silent_track_is_refused(mute: Path, perform: Perform, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "nothing.wav", np.zeros(3 * RATE_HZ), RATE_HZ)
    with pytest.raises(InvalidInput, match=r"nothing\.wav is silent"):
        perform("dub_video", video=mute, audio=("audio", tmp_path / "nothing.wav"))


def test_hiss_is_not_taken_for_sound(
    film: Film, texture: Frame, perform: Perform, tmp_path: Path
) -> None:
    hiss = 0.0004 * np.random.default_rng(4).standard_normal(3 * RATE_HZ)
    soundfile.write(tmp_path / "hiss.wav", hiss, RATE_HZ, "PCM_24")
    video = film("hiss", [texture] * 30, sound=tmp_path / "hiss.wav")
    (product,) = perform("dub_video", video=video, audio=tone(tmp_path / "tone.wav"))
    assert "as its only sound" in product.caption
