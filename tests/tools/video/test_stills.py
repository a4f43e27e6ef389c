from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.tool import ToolContext
from controlllm_tools.video.stills import clock, still

Frame = NDArray[np.uint8]


def test_the_frame_of_a_time_is_found(
    film: Callable[..., Path], colours: Callable[..., Frame], tmp_path: Path
) -> None:
    video = film("greys", [colours((8 * n, 8 * n, 8 * n)) for n in range(25)], fps=5)
    context = ToolContext(scratch=tmp_path)
    for number, late_s in ((0, 0.0), (7, 0.0), (7, 0.19), (24, 0.1)):
        frame = still(video, number / 5 + late_s, context, max_width_px=80)
        assert frame is not None
        assert frame.shape == (48, 80, 3)
        assert frame.mean() == pytest.approx(8 * number, abs=3)


def test_there_is_no_frame_after_the_end(
    film: Callable[..., Path], texture: Frame, tmp_path: Path
) -> None:
    video = film("second", [texture] * 10)
    assert still(video, 5.0, ToolContext(scratch=tmp_path), max_width_px=80) is None


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0:00.0"), (3.24, "0:03.2"), (59.99, "1:00.0"), (725, "12:05.0"), (3723.4, "1:02:03.4")],
)
def test_times_are_written_as_people_write_them(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown
