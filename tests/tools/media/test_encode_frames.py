import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from controlllm_tools.errors import Cancelled, ToolFailed
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.movies import frames
from controlllm_tools.tool import ToolContext

GREYS = [np.full((48, 64, 3), 10 * n, dtype=np.uint8) for n in range(20)]


def test_frames_come_out_as_they_went_in(tmp_path: Path) -> None:
    context = ToolContext(scratch=tmp_path)
    source = ffmpeg.Frames(
        width_px=64, height_px=48, fps=10, source=(frame.tobytes() for frame in GREYS)
    )
    path = ffmpeg.encode_frames(
        source, [], [*ffmpeg.H264, *ffmpeg.MP4], tmp_path / "a.mp4", context
    )
    decoded = [frame for _, frame in frames(path, context, fps=10, max_width_px=64)]
    assert [round(float(frame.mean())) for frame in decoded] == pytest.approx(
        [10 * n for n in range(20)], abs=3
    )


def test_a_wrong_option_is_the_encoders_failure(tmp_path: Path) -> None:
    source = ffmpeg.Frames(width_px=64, height_px=48, fps=10, source=[GREYS[0].tobytes()] * 500)
    with pytest.raises(ToolFailed, match="no_such_codec"):
        ffmpeg.encode_frames(
            source, [], ["-c:v", "no_such_codec"], tmp_path / "a.mp4", ToolContext(scratch=tmp_path)
        )


def test_cancelling_ends_the_encoder(tmp_path: Path) -> None:
    begun = time.monotonic()

    def endless() -> Iterator[bytes]:
        while True:
            yield GREYS[0].tobytes()

    context = ToolContext(scratch=tmp_path, is_cancelled=lambda: time.monotonic() > begun + 0.5)
    source = ffmpeg.Frames(width_px=64, height_px=48, fps=10, source=endless())
    with pytest.raises(Cancelled):
        ffmpeg.encode_frames(source, [], [*ffmpeg.H264, *ffmpeg.MP4], tmp_path / "a.mp4", context)
    assert time.monotonic() - begun < 10
