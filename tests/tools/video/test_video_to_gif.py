from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.movies import frames
from controlllm_tools.perform import Product
from controlllm_tools.samples.animations import animation
from controlllm_tools.tool import ToolContext

Frame = NDArray[np.uint8]
Perform = Callable[..., tuple[Product, ...]]
RED, GREEN = (200, 40, 40), (40, 170, 60)


@pytest.fixture
def two_colours(film: Callable[..., Path], colours: Callable[..., Frame]) -> Path:
    return film("two", [colours(RED)] * 10 + [colours(GREEN)] * 10, hz=440)


def played(product: Product) -> tuple[list[Frame], int, int | None]:
    assert product.path is not None
    with Image.open(product.path) as moving:
        shown = [np.asarray(step.convert("RGB")) for step in ImageSequence.Iterator(moving)]
        moving.seek(0)
        total, loop = 0, moving.info.get("loop")
        for index in range(moving.n_frames):
            moving.seek(index)
            total += moving.info["duration"]
    return shown, total, loop


def test_the_animation_shows_the_video_at_its_pace_for_ever(
    two_colours: Path, perform: Perform
) -> None:
    (product,) = perform("video_to_gif", video=two_colours)
    shown, length_ms, loop = played(product)
    assert product.mime == "image/gif"
    assert shown[0].shape == (96, 160, 3)
    assert shown[0].reshape(-1, 3).mean(axis=0) == pytest.approx(RED, abs=10)
    assert shown[-1].reshape(-1, 3).mean(axis=0) == pytest.approx(GREEN, abs=10)
    assert length_ms == pytest.approx(2_000, abs=120)
    assert loop == 0


def test_a_part_of_the_video_can_be_asked_for(two_colours: Path, perform: Perform) -> None:
    (product,) = perform(
        "video_to_gif", video=two_colours, start_s=1.2, duration_s=0.5, width=80, fps=5
    )
    shown, length_ms, _ = played(product)
    assert shown[0].shape == (48, 80, 3)
    assert shown[0].reshape(-1, 3).mean(axis=0) == pytest.approx(GREEN, abs=10)
    assert length_ms == pytest.approx(500, abs=210)
    assert "of 2.0 s" in product.caption


def test_the_file_gets_smaller_until_it_is_under_the_limit(
    film: Callable[..., Path], texture: Frame, perform: Perform
) -> None:
    video = film("rich", [np.roll(texture, 3 * n, axis=1) for n in range(20)])
    (free,) = perform("video_to_gif", video=video)
    assert free.path is not None
    assert free.path.stat().st_size > 0.1 * 2**20
    (bounded,) = perform("video_to_gif", video=video, max_mb=0.1)
    assert bounded.path is not None
    assert bounded.path.stat().st_size <= 0.1 * 2**20
    assert bounded.facts.width_px is not None
    assert 60 < bounded.facts.width_px < 160


def test_an_impossible_limit_is_refused(
    film: Callable[..., Path], texture: Frame, perform: Perform
) -> None:
    video = film("rich", [np.roll(texture, 3 * n, axis=1) for n in range(20)])
    with pytest.raises(InvalidInput, match=r"2\.0 s do not fit into 0\.01 MB"):
        perform("video_to_gif", video=video, max_mb=0.01)


def test_an_animation_becomes_a_video_that_goes_round(perform: Perform, tmp_path: Path) -> None:
    gif = animation(tmp_path / "ball.gif")
    (product,) = perform("gif_to_video", animation=gif)
    assert product.path is not None
    assert product.facts.duration_s == pytest.approx(3.0, abs=0.1)
    context = ToolContext(scratch=tmp_path)
    shown = [f.astype(int) for _, f in frames(product.path, context, fps=20, max_width_px=160)]
    assert np.abs(shown[10] - shown[0]).max() > 100
    assert np.abs(shown[25] - shown[5]).mean() < 3
    assert np.abs(shown[50] - shown[10]).mean() < 3


def test_a_still_picture_is_no_animation(perform: Perform, tmp_path: Path) -> None:
    Image.new("RGB", (30, 30)).save(tmp_path / "still.gif")
    with pytest.raises(InvalidInput, match="does not move"):
        perform("gif_to_video", animation=tmp_path / "still.gif")
