from collections.abc import Iterable

import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.media.video_facts import Motion
from controlllm_tools.video.motion import MotionMeter


def measured(frames: Iterable[NDArray[np.uint8]], cuts: frozenset[int] = frozenset()) -> Motion:
    meter = MotionMeter(fps=8.0)
    for frame in frames:
        meter.add(frame)
    return meter.motion(cuts)


@pytest.mark.parametrize("pixels", [-3, 2, 4])
def test_a_picture_that_slides_has_its_speed_and_its_direction(
    texture: NDArray[np.uint8], pixels: int
) -> None:
    motion = measured(np.roll(texture, pixels * step, axis=1) for step in range(9))
    widths_a_second = pixels * 8 / 160
    assert motion.drift_x == pytest.approx(widths_a_second, rel=0.12)
    assert motion.drift_y == pytest.approx(0, abs=0.01)
    assert motion.speed == pytest.approx(abs(widths_a_second), rel=0.2)
    assert motion.moving > 0.9


def test_a_picture_that_stands_still_does_not_move(texture: NDArray[np.uint8]) -> None:
    motion = measured([texture] * 6)
    assert (motion.speed, motion.peak, motion.moving) == (0, 0, 0)


def test_only_the_part_that_moves_counts_as_moving(texture: NDArray[np.uint8]) -> None:
    def frame(step: int) -> NDArray[np.uint8]:
        picture = texture.copy()
        picture[:24] = np.roll(texture, 3 * step, axis=1)[:24]
        return picture

    assert 0.15 < measured(frame(step) for step in range(9)).moving < 0.4


def test_the_jump_of_a_cut_is_no_motion(texture: NDArray[np.uint8]) -> None:
    frames = [texture] * 3 + [texture[::-1, ::-1]] * 3
    assert measured(frames).peak > 0.01
    assert measured(frames, cuts=frozenset({2})).peak == 0


def test_a_single_frame_has_no_motion(texture: NDArray[np.uint8]) -> None:
    assert measured([texture]) == Motion(speed=0, peak=0, moving=0, drift_x=0, drift_y=0)
