from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.movies import frames
from controlllm_tools.perform import Product
from controlllm_tools.tool import ToolContext

Frame = NDArray[np.uint8]
Perform = Callable[..., tuple[Product, ...]]


def shake_px(path: Path, tmp_path: Path) -> float:
    """Root mean square of the jump from frame to frame, by phase correlation."""
    shown = frames(path, ToolContext(scratch=tmp_path), fps=10, max_width_px=320)
    greys = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32) for _, frame in shown]
    window = cv2.createHanningWindow(greys[0].shape[::-1], cv2.CV_32F)
    jumps = [cv2.phaseCorrelate(a, b, window)[0] for a, b in pairwise(greys)]
    return float(np.sqrt(np.square(np.array(jumps)).sum(axis=1).mean()))


@pytest.fixture
def shaky(film: Callable[..., Path], texture: Frame) -> Path:
    """A texture, twice as large, that jumps by a few pixels in every frame."""
    large = cv2.resize(texture, (320, 192), interpolation=cv2.INTER_CUBIC)
    jumps = np.random.default_rng(3).integers(-5, 6, (25, 2))
    return film("shaky", [np.roll(large, tuple(jump), axis=(0, 1)) for jump in jumps], hz=300)


def test_the_shake_is_gone(shaky: Path, perform: Perform, tmp_path: Path) -> None:
    (product,) = perform("stabilise_video", video=shaky)
    assert product.path is not None
    before, after = shake_px(shaky, tmp_path), shake_px(product.path, tmp_path)
    assert before > 4
    assert after < 0.2 * before


def test_size_length_and_sound_stay(shaky: Path, perform: Perform) -> None:
    (product,) = perform("stabilise_video", video=shaky)
    assert (product.facts.width_px, product.facts.height_px) == (320, 192)
    assert product.facts.duration_s == pytest.approx(2.5, abs=0.05)
    assert product.facts.channels


def test_a_smoothing_out_of_range_is_refused(shaky: Path, perform: Perform) -> None:
    with pytest.raises(InvalidInput, match=r"smoothing_s must lie between 0\.1 and 10, got 11"):
        perform("stabilise_video", video=shaky, smoothing_s=11)
