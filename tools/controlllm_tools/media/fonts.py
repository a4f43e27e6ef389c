"""A font that is always there: DejaVu where the system has it, else the one inside Pillow."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.errors import ToolUnavailable

if TYPE_CHECKING:  # Pillow loads when text is drawn, not when a tool is listed
    from PIL.ImageFont import FreeTypeFont

_SYSTEM_FONTS = (
    Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
    Path("/usr/share/fonts/TTF/DejaVuSans.ttf"),
    Path("/Library/Fonts/Arial Unicode.ttf"),
)
_FAR_EASTERN_FONTS = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
    Path("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"),
    Path("/Library/Fonts/Arial Unicode.ttf"),
)


def font(size_px: int) -> FreeTypeFont:
    """A proportional sans-serif font of that height in pixels."""
    from PIL import ImageFont

    return ImageFont.truetype(BytesIO(font_bytes()), size_px)


@cache
def font_bytes() -> bytes:
    """The font file itself, for programs that want it on disk."""
    for path in _SYSTEM_FONTS:
        if path.is_file():
            return path.read_bytes()
    return _built_in()


def _built_in() -> bytes:
    from PIL import ImageFont

    default = ImageFont.load_default(10)
    source = default.path if isinstance(default, ImageFont.FreeTypeFont) else None
    return source.getvalue() if isinstance(source, BytesIO) else b""


def face(name: str) -> Path:
    """The file of a DejaVu face, such as `DejaVuSans-Bold`; matplotlib carries them everywhere.

    Raises:
        ToolUnavailable: matplotlib is not installed.
    """
    found = find_spec("matplotlib")
    folder = Path(found.origin or "").parent if found else Path()
    path = folder / "mpl-data" / "fonts" / "ttf" / f"{name}.ttf"
    if not path.is_file():
        msg = f"the font {name} is missing; it comes with pip install matplotlib"
        raise ToolUnavailable(msg)
    return path


def far_eastern_face() -> Path | None:
    """A font with Chinese, Japanese and Korean letters, where the system has one."""
    return next((path for path in _FAR_EASTERN_FONTS if path.is_file()), None)
