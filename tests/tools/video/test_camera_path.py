"""The shake goes, the slow way of the camera stays, and no border shows."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.video.camera_path import MotionTracker, Steadying

Frame = NDArray[np.uint8]
WIDTH, HEIGHT = 320, 192


def filmed(texture: Frame, places: NDArray[np.float64], turns: NDArray[np.float64]) -> list[Frame]:
    """What a camera sees that looks at places, right and down in pixels, and is turned a little."""
    scene = np.tile(cv2.resize(texture, (640, 384), interpolation=cv2.INTER_CUBIC), (2, 3, 1))
    shown = []
    for (right, down), turn in zip(places, turns, strict=True):
        matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), np.degrees(turn), 1.0)
        matrix[:, 2] -= matrix[:, :2] @ (right + 200, down + 200)
        shown.append(cv2.warpAffine(scene, matrix, (WIDTH, HEIGHT)))
    return shown


def path_of(frames: list[Frame]) -> NDArray[np.float64]:
    tracker = MotionTracker()
    for frame in frames:
        tracker.add(frame)
    return tracker.path


@pytest.fixture
def places() -> NDArray[np.float64]:
    """A steady pan of 3 pixels a frame to the right, with a shake of about 2 pixels."""
    shake = np.random.default_rng(4).normal(0, 2, (40, 2))
    return np.stack([3.0 * np.arange(40), np.zeros(40)], axis=1) + shake


def test_the_path_is_measured(texture: Frame, places: NDArray[np.float64]) -> None:
    turns = np.random.default_rng(2).normal(0, 0.01, 40)
    path = path_of(filmed(texture, places, turns))
    # the picture goes where the camera does not
    assert -path[:, 0] * WIDTH == pytest.approx(places[:, 0] - places[0, 0], abs=2.5)
    assert -path[:, 2] == pytest.approx(turns - turns[0], abs=0.006)


def test_the_pan_stays_and_the_shake_goes(texture: Frame, places: NDArray[np.float64]) -> None:
    frames = filmed(texture, places, np.zeros(40))
    path = path_of(frames)
    steadying = Steadying.of(path, 5.0, WIDTH / HEIGHT)
    moved = [
        np.frombuffer(each, np.uint8).reshape(HEIGHT, WIDTH, 3) for each in steadying.frames(frames)
    ]
    steps = np.diff(path_of(moved)[8:-8, :2], axis=0) * WIDTH
    assert steps[:, 0].mean() == pytest.approx(-3 * steadying.zoom, abs=0.6)
    assert steps.std(axis=0).max() < 1.0
    assert (np.diff(path, axis=0)[:, :2] * WIDTH).std(axis=0).min() > 2


def test_no_border_shows(texture: Frame, places: NDArray[np.float64]) -> None:
    turns = np.random.default_rng(2).normal(0, 0.01, 40)
    path = path_of(filmed(texture, places, turns))
    steadying = Steadying.of(path, 5.0, WIDTH / HEIGHT)
    assert 1.0 < steadying.zoom < 1.2
    marked = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    marked[[0, -1]] = marked[:, [0, -1]] = 0
    for raw in steadying.frames([marked] * 40):
        shown = np.frombuffer(raw, np.uint8).reshape(HEIGHT, WIDTH, 3)
        assert (shown[4:-4, 4:-4] > 150).all()


def test_pictures_without_anything_to_follow_stay_as_they_are() -> None:
    grey = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    steadying = Steadying.of(path_of([grey] * 5), 5.0, WIDTH / HEIGHT)
    assert steadying.zoom == 1.0
    assert all(raw == grey.tobytes() for raw in steadying.frames([grey] * 5))


def test_a_cut_is_no_motion(texture: Frame) -> None:
    large = cv2.resize(texture, (WIDTH, HEIGHT))
    path = path_of([large, large, 255 - large[::-1, ::-1], 255 - large[::-1, ::-1]])
    assert np.abs(path).max() < 0.05
