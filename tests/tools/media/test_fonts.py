"""There is always a font, and it has the size that was asked for."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from controlllm_tools.errors import ToolUnavailable
from controlllm_tools.media import fonts


@pytest.mark.parametrize("size_px", [12, 40])
def test_letters_are_as_high_as_asked_for(size_px: int) -> None:
    _, top, _, bottom = fonts.font(size_px).getbbox("Hg")
    assert 0.6 * size_px < bottom - top < 1.3 * size_px


def test_the_bytes_are_a_font_file() -> None:
    assert fonts.font_bytes()[:4] in {b"\x00\x01\x00\x00", b"OTTO", b"true"}


def test_without_a_system_font_the_one_inside_pillow_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_SYSTEM_FONTS", ())
    fonts.font_bytes.cache_clear()
    try:
        picture = Image.new("L", (80, 30), 0)
        ImageDraw.Draw(picture).text((2, 2), "Boat", fill=255, font=fonts.font(20))
    finally:
        fonts.font_bytes.cache_clear()
    assert picture.getextrema() == (0, 255)


def test_every_face_of_dejavu_is_there_and_another_one_is_told() -> None:
    for name in ("DejaVuSans", "DejaVuSans-BoldOblique", "DejaVuSansMono"):
        assert fonts.face(name).read_bytes()[:4] == b"\x00\x01\x00\x00"
    with pytest.raises(ToolUnavailable, match="the font Comic is missing"):
        fonts.face("Comic")


def test_a_font_of_the_far_east_is_found_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there = tmp_path / "cjk.ttc"
    there.touch()
    monkeypatch.setattr(fonts, "_FAR_EASTERN_FONTS", (tmp_path / "none.ttc", there))
    assert fonts.far_eastern_face() == there
    monkeypatch.setattr(fonts, "_FAR_EASTERN_FONTS", ())
    assert fonts.far_eastern_face() is None
