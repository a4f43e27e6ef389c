"""Write faint words across a picture, so that everyone sees whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.image.placement import corner
from controlllm_tools.media.fonts import font
from controlllm_tools.media.images import open_layer
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # Pillow loads when a picture is marked, not when a tool is listed
    from PIL.Image import Image as Picture

_OPACITY = Range(0, 1)
_WIDTH = Range(0.02, 1)
_LONGEST_CHARS = 200
_TRIAL_PX = 100
_SLANT_DEGREES = 30
_GAP = 0.6
"""Room between repeated marks, against the size of one."""


class WatermarkImage(CpuTool):
    """White letters with a dark rim can be seen on any ground, and let it shine through."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Mark a picture.

        Returns:
            `image`: PNG of the same width and height, transparent where it was and no letter is.

        Raises:
            InvalidInput: The picture cannot be read, there are no words or too many, or a number
                is out of range.
        """
        from PIL import Image

        picture = open_layer(inputs.file("image"))
        opacity = _OPACITY.read(inputs, "opacity", 0.5)
        mark = _mark(_words(inputs), inputs, picture.size)
        context.check()
        layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
        if inputs.text("pattern", "once") == "once":
            layer.paste(mark, corner(inputs, mark.size, picture.size, ("right", "bottom")))
        else:
            _tile(layer, mark)
        layer.putalpha(layer.getchannel("A").point([round(opacity * each) for each in range(256)]))
        marked = Image.alpha_composite(picture.convert("RGBA"), layer)
        path = context.scratch / "watermarked.png"
        marked.convert(picture.mode).save(path, format="PNG", compress_level=6)
        return {"image": Output.of_file(path, caption=f"watermark at {opacity:.0%} opacity")}


def _words(inputs: Inputs) -> str:
    words = " ".join(inputs.text("text", "©").split())
    if not words or len(words) > _LONGEST_CHARS:
        msg = f"a watermark has 1 to {_LONGEST_CHARS} characters, got {len(words)}"
        raise InvalidInput(msg)
    return words


def _mark(words: str, inputs: Inputs, size: tuple[int, int]) -> Picture:
    """The words on a clear ground, as wide as asked."""
    from PIL import Image, ImageDraw

    # a sign alone would be as high as it is wide, so it gets less room than a name
    usual = 0.3 if len(words) > 3 else 0.08
    wide_px = _WIDTH.read(inputs, "width_share", usual) * size[0]
    trial = font(_TRIAL_PX).getlength(words) / _TRIAL_PX
    letters_px = max(6, min(round(wide_px / max(trial, 0.1)), round(0.5 * size[1])))
    letters, rim = font(letters_px), max(1, letters_px // 24)
    left, top, right, bottom = letters.getbbox(words, stroke_width=rim)
    mark = Image.new("RGBA", (max(1, int(right - left)), max(1, int(bottom - top))), (0, 0, 0, 0))
    ImageDraw.Draw(mark).text(
        (-left, -top),
        words,
        font=letters,
        fill=(255, 255, 255, 255),
        stroke_width=rim,
        stroke_fill=(0, 0, 0, 255),
    )
    return mark


def _tile(layer: Picture, mark: Picture) -> None:
    """Lay the mark all over, slanted, every other row shifted by half."""
    from PIL import Image

    slanted = mark.rotate(_SLANT_DEGREES, Image.Resampling.BICUBIC, expand=True)
    across, down = slanted.width + round(_GAP * mark.width), slanted.height + mark.height
    for row, top in enumerate(range(-down // 2, layer.height, down)):
        for left in range(-across // 2 * (row % 2), layer.width, across):
            layer.alpha_composite(*_within(slanted, left, top))


def _within(mark: Picture, left: int, top: int) -> tuple[Picture, tuple[int, int]]:
    """The part of a mark from the picture's edge on; Pillow takes no place outside of it."""
    cut = (max(0, -left), max(0, -top), mark.width, mark.height)
    return mark.crop(cut), (max(0, left), max(0, top))
