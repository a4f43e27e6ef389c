from pathlib import Path

import pytest

from controlllm_tools.media.progress import stage
from controlllm_tools.tool import ToolContext


def test_stages_share_one_movement(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    context = ToolContext(scratch=tmp_path, progress=lambda share, word: told.append((share, word)))
    stage(context, 0.0, 0.5).progress(1.0, "half")
    stage(stage(context, 0.5, 1.0), 0.5, 1.0).progress(0.5, "inside")
    stage(context, 0.5, 1.0).progress(7.0, "too much")
    assert told == [(0.5, "half"), (pytest.approx(0.875), "inside"), (1.0, "too much")]


def test_a_stage_is_the_same_call(tmp_path: Path) -> None:
    context = ToolContext(scratch=tmp_path, seed=9, is_cancelled=lambda: True)
    part = stage(context, 0.0, 1.0)
    assert (part.scratch, part.seed, part.is_cancelled()) == (tmp_path, 9, True)
