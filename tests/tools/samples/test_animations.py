from pathlib import Path

from PIL import Image, ImageChops, ImageSequence

from controlllm_tools.media.probe import probe
from controlllm_tools.samples.animations import FRAMES, animation


def test_the_animation_moves_from_frame_to_frame(tmp_path: Path) -> None:
    path = animation(tmp_path / "ball.gif")
    assert probe(path)[1].frames == FRAMES
    with Image.open(path) as moving:
        frames = [frame.convert("RGB") for frame in ImageSequence.Iterator(moving)]
    assert ImageChops.difference(frames[0], frames[5]).getbbox() is not None
