from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.sound import read_sound
from controlllm_tools.perform import Product
from controlllm_tools.samples.sounds import tone
from controlllm_tools.tool import ToolContext
from controlllm_tools.video import slideshow
from controlllm_tools.video.stills import still

Frame = NDArray[np.uint8]
Perform = Callable[..., tuple[Product, ...]]
RED, GREEN, BLUE = (200, 40, 40), (40, 170, 60), (40, 60, 200)


@pytest.fixture(autouse=True)
def _small_films(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests need no 1280 pixels."""
    sizes = {"widescreen": (320, 180), "vertical": (180, 320), "square": (240, 240)}
    monkeypatch.setattr(slideshow, "_SIZES", sizes)


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{name}.png" for name in ("red", "green", "blue")]
    for path, colour in zip(paths, (RED, GREEN, BLUE), strict=True):
        Image.new("RGB", (400, 225), colour).save(path)
    return paths


def at(product: Product, at_s: float, tmp_path: Path) -> Frame:
    assert product.path is not None
    frame = still(product.path, at_s, ToolContext(scratch=tmp_path), max_width_px=640)
    assert frame is not None
    return frame


def colour_at(product: Product, at_s: float, tmp_path: Path) -> NDArray[np.float64]:
    return at(product, at_s, tmp_path).reshape(-1, 3).mean(axis=0)


def test_pictures_come_in_order_and_go_over_into_each_other(
    photos: list[Path], perform: Perform, tmp_path: Path
) -> None:
    (product,) = perform("slideshow", images=photos, seconds_each=1, fade_s=0.4)
    assert product.facts.duration_s == pytest.approx(3, abs=0.05)
    assert product.facts.channels == 0
    for at_s, colour in ((0.5, RED), (1.7, GREEN), (2.7, BLUE)):
        assert colour_at(product, at_s, tmp_path) == pytest.approx(colour, abs=8)
    mixed = (np.array(RED) + GREEN) / 2
    assert colour_at(product, 1.18, tmp_path) == pytest.approx(mixed, abs=25)


def test_a_tall_picture_is_shown_whole_on_a_dark_blurred_ground(
    perform: Perform, tmp_path: Path
) -> None:
    tall = np.zeros((400, 200, 3), dtype=np.uint8)
    tall[:200], tall[200:] = RED, BLUE
    Image.fromarray(tall).save(tmp_path / "tall.png")
    (product,) = perform("slideshow", images=[tmp_path / "tall.png"], seconds_each=1, motion=False)
    frame = at(product, 0.5, tmp_path)
    assert frame[20, 160] == pytest.approx(RED, abs=10)
    assert frame[165, 160] == pytest.approx(BLUE, abs=10)
    assert frame[20, 20].max() < 150
    assert frame[20, 20].max() > 60


def test_pictures_move_slowly_unless_they_are_to_stand_still(
    texture: Frame, perform: Perform, tmp_path: Path
) -> None:
    Image.fromarray(texture[:90]).resize((480, 270)).save(tmp_path / "texture.png")

    def moved(**asked: object) -> float:
        (product,) = perform(
            "slideshow", images=[tmp_path / "texture.png"], seconds_each=2, **asked
        )
        early, late = at(product, 0.2, tmp_path), at(product, 1.8, tmp_path)
        return float(np.abs(early.astype(int) - late).mean())

    assert moved() > 5
    assert moved(motion=False) < 2


def test_a_title_is_shown_first(photos: list[Path], perform: Perform, tmp_path: Path) -> None:
    (product,) = perform("slideshow", images=photos[:1], title="SUMMER", seconds_each=2)
    first = at(product, 1.0, tmp_path)
    assert product.facts.duration_s == pytest.approx(5, abs=0.05)
    assert first[4, 4].max() < 30
    assert first.max() > 220
    assert colour_at(product, 4.5, tmp_path) == pytest.approx(RED, abs=8)


def test_music_lasts_as_long_as_the_pictures(
    photos: list[Path], perform: Perform, tmp_path: Path
) -> None:
    music = ("audio.music", tone(tmp_path / "music.wav", 9, 440))
    (product,) = perform("slideshow", images=photos, audio=music, duration_s=3.6)
    assert product.facts.duration_s == pytest.approx(3.6, abs=0.05)
    assert product.path is not None
    sound = read_sound(product.path, ToolContext(scratch=tmp_path), rate_hz=8_000)[0]
    assert np.abs(np.fft.rfft(sound[8_000:16_000])).argmax() == pytest.approx(440, abs=2)
    assert np.abs(sound[-400:]).max() < 0.1 * np.abs(sound).max()


def test_pictures_share_the_length_of_a_narration(
    photos: list[Path], perform: Perform, tmp_path: Path
) -> None:
    voice = ("audio.speech", tone(tmp_path / "voice.wav", 3.5, 300))
    (product,) = perform("slideshow", images=photos, audio=voice)
    assert product.facts.duration_s == pytest.approx(4.5, abs=0.06)


def test_the_shape_can_be_chosen(photos: list[Path], perform: Perform) -> None:
    (product,) = perform("slideshow", images=photos[:1], seconds_each=0.5, shape="vertical")
    assert (product.facts.width_px, product.facts.height_px) == (180, 320)


def test_what_cannot_be_shown_is_refused(
    photos: list[Path], perform: Perform, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput, match=r"3 pictures in 0\.3 s are too many"):
        perform("slideshow", images=photos, duration_s=0.3)
    with pytest.raises(InvalidInput, match="seconds_each must lie between"):
        perform("slideshow", images=photos, seconds_each=0)
    (tmp_path / "words.txt").write_text("no picture")
    with pytest.raises(InvalidInput, match="not a picture"):
        perform("slideshow", images=[("image", tmp_path / "words.txt")])
