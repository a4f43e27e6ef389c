"""The same sound in another format."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hearing import Ear, main_hz, sine

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.sound import read_sound, sound_facts
from controlllm_tools.perform import Product
from controlllm_tools.tool import ToolContext

Perform = Callable[..., tuple[Product, ...]]
MIMES = {
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "m4a": "audio/mp4",
}


def stereo() -> np.ndarray:
    return np.stack([sine(2.0, 440), sine(2.0, 660)], axis=1)


@pytest.mark.parametrize("name", MIMES)
def test_each_format_is_what_it_says_and_sounds_the_same(
    ear: Ear, perform: Perform, context: ToolContext, name: str
) -> None:
    path = ear.write("a.wav", stereo())
    (product,) = perform("convert_audio", audio=path, format=name)
    assert product.mime == MIMES[name]
    assert product.path is not None
    assert product.name.endswith(f".{name}")
    heard = read_sound(product.path, context, rate_hz=44_100, channels=2)
    assert heard.shape[1] / 44_100 == pytest.approx(2.0, abs=0.06)
    for side, hz in zip(heard, (440, 660), strict=True):
        middle = side[20_000:60_000].astype(np.float64)
        assert main_hz(middle) == pytest.approx(hz, abs=1)
        assert np.abs(middle).max() == pytest.approx(0.25, abs=0.02)


def test_fewer_bits_make_a_smaller_file(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", stereo())
    sizes = [
        perform("convert_audio", audio=path, format="mp3", bitrate_kbps=rate)[0].path.stat().st_size
        for rate in (64, 128, 256)
    ]
    assert sizes == pytest.approx([2 * 8_000, 2 * 16_000, 2 * 32_000], rel=0.15)


def test_the_sample_rate_is_the_asked_one_or_the_next_the_format_has(
    ear: Ear, perform: Perform
) -> None:
    path = ear.write("a.wav", stereo())
    for name, asked, got in (("wav", 16_000, 16_000), ("mp3", 96_000, 48_000), ("ogg", 9, None)):
        if got is None:
            with pytest.raises(InvalidInput, match="sample_rate_hz must lie between 4000"):
                perform("convert_audio", audio=path, format=name, sample_rate_hz=asked)
            continue
        result = perform("convert_audio", audio=path, format=name, sample_rate_hz=asked)[0].path
        assert sound_facts(result).sample_rate_hz == got


@pytest.mark.parametrize("rate_hz", [6_000, 8_000, 11_025, 96_000])
@pytest.mark.parametrize("name", MIMES)
def test_unusual_rates_go_into_every_format(
    ear: Ear, perform: Perform, name: str, rate_hz: int
) -> None:
    path = ear.write("a.wav", 0.2 * np.sin(np.arange(rate_hz) / 7), rate_hz)
    (product,) = perform("convert_audio", audio=path, format=name)
    assert sound_facts(product.path).duration_s == pytest.approx(1.0, abs=0.15)


def test_many_channels_fit(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", np.stack([sine(0.5)] * 6, axis=1))
    found = {
        name: sound_facts(perform("convert_audio", audio=path, format=name)[0].path).channels
        for name in ("mp3", "flac", "opus")
    }
    assert found == {"mp3": 2, "flac": 6, "opus": 2}


def test_an_mp3_becomes_a_wav_when_nothing_is_said(ear: Ear, perform: Perform) -> None:
    mp3 = perform("convert_audio", audio=ear.write("a.wav", stereo()))[0]
    assert mp3.mime == "audio/mpeg"
    assert perform("convert_audio", audio=mp3.path)[0].mime == "audio/wav"


def test_an_absurd_bit_rate_and_a_text_are_refused(
    ear: Ear, perform: Perform, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput, match="bitrate_kbps must lie between 8 and 512, got 9000"):
        perform("convert_audio", audio=ear.write("a.wav", stereo()), bitrate_kbps=9_000)
    (tmp_path / "a.mp3").write_text("no sound")
    with pytest.raises(InvalidInput, match=r"a\.mp3"):
        perform("convert_audio", audio=tmp_path / "a.mp3")
