"""Write words below or above a picture."""

from __future__ import annotations

from controlllm_tools.media.images import open_picture
from controlllm_tools.media.lettering import Look, strip
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_SIZE_PX = Range(6, 1_000)
_SHARE = 0.05
"""Height of the letters against the width of the picture."""
_SMALLEST_PX = 12
_DARK, _BRIGHT = (20, 20, 20), (255, 255, 255)
_ABOVE = frozenset({"above", "top", "over"})


class CaptionImage(CpuTool):
    """A strip of its own for the words: nothing of the picture is hidden."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Add a caption.

        Returns:
            `image`: PNG as wide as the picture, and higher by the strip with the words.

        Raises:
            InvalidInput: The picture cannot be read, there are no words or too many, or the size
                is out of range.
        """
        from PIL import Image

        picture = open_picture(inputs.file("image"))
        usual_px = max(_SMALLEST_PX, round(_SHARE * picture.width))
        size_px = round(_SIZE_PX.read(inputs, "letter_size", min(usual_px, 1_000)))
        is_dark = inputs.text("background", "white") == "black"
        look = Look(
            size_px=size_px,
            ink=_BRIGHT if is_dark else _DARK,
            ground=(0, 0, 0) if is_dark else _BRIGHT,
        )
        words = strip(inputs.text("text"), picture.width, look)
        context.check()
        above = inputs.text("place", "below") in _ABOVE
        whole = Image.new("RGB", (picture.width, picture.height + words.height))
        whole.paste(words, (0, 0 if above else picture.height))
        whole.paste(picture, (0, words.height if above else 0))
        path = context.scratch / "captioned.png"
        whole.save(path, format="PNG", compress_level=6)
        caption = f"words {'above' if above else 'below'} the picture"
        return {"image": Output.of_file(path, caption=caption)}
