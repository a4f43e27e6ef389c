"""The main colours of a picture: as facts, and as a strip of swatches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.fonts import font
from controlllm_tools.media.images import read_layer
from controlllm_tools.media.palette import palette
from controlllm_tools.media.video_facts import Swatch
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is read, not when a tool is listed
    from numpy import uint8
    from numpy.typing import NDArray

    Rgb = NDArray[uint8]

_WORKING_PIXELS = 60_000
_USUAL_COLOURS = 5
_STRIP_PX = (1_000, 300)
_INK, _PAPER = (25, 25, 25), (255, 255, 255)


class ColourPalette(CpuTool):
    """Colours by k-means in CIELAB; what is transparent does not count."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Measure the colours.

        Returns:
            `colours`: `{"colours": [{"name", "rgb", "share"}]}`, the largest share first.

        Raises:
            InvalidInput: The picture cannot be read or shows nothing, or `colours` is out of range.
        """
        found = _main_colours(inputs, context)
        value = {"colours": [{"name": s.name, "rgb": s.rgb, "share": s.share} for s in found]}
        caption = ", ".join(f"{s.name} {s.rgb} {s.share:.0%}" for s in found)
        return {"colours": Output.of_json(value, name="palette.json", caption=caption)}


class PalettePicture(CpuTool):
    """Swatches side by side, as wide as their shares, with hex codes and names."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Draw the colours.

        Returns:
            `palette`: PNG, 1,000x300 pixels.

        Raises:
            InvalidInput: As for `ColourPalette`.
        """
        found = _main_colours(inputs, context)
        path = _strip(found, context.scratch / "palette.png")
        names = ", ".join(swatch.name for swatch in found)
        return {"palette": Output.of_file(path, caption=f"palette: {names}")}


def _main_colours(inputs: Inputs, context: ToolContext) -> tuple[Swatch, ...]:
    wanted = inputs.number("number_of_colours", _USUAL_COLOURS)
    if not 1 <= wanted <= 12:
        msg = f"number_of_colours must lie between 1 and 12, got {wanted:g}"
        raise InvalidInput(msg)
    rgb, alpha = read_layer(inputs.file("image"))
    context.check()
    seen = rgb.reshape(-1, 3) if alpha is None else rgb[alpha > 127]
    if not len(seen):
        msg = "the picture is all transparent, so it shows no colours"
        raise InvalidInput(msg)
    return palette(seen[:: max(1, len(seen) // _WORKING_PIXELS)], round(wanted))


def _strip(swatches: tuple[Swatch, ...], path: Path) -> Path:
    from PIL import Image, ImageDraw

    width, height = _STRIP_PX
    picture = Image.new("RGB", _STRIP_PX, _PAPER)
    draw = ImageDraw.Draw(picture)
    letters = font(18)
    # a narrow swatch is still wide enough for its hex code
    least = min(110, width // len(swatches))
    rest = width - least * len(swatches)
    total = sum(swatch.share for swatch in swatches) or 1.0
    left = 0.0
    for swatch in swatches:
        right = left + least + rest * swatch.share / total
        draw.rectangle((round(left), 0, round(right) - 1, height - 80), fill=swatch.rgb)
        for row, line in enumerate((swatch.rgb, swatch.name, f"{swatch.share:.0%}")):
            at = (left + 8, height - 72 + 23 * row)
            draw.text(at, line, fill=_INK, font=letters)
        left = right
    picture.save(path, format="PNG", compress_level=6)
    return path
