"""Write a picture in another file format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from controlllm_tools.media.images import open_layer, open_picture
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # Pillow loads when a picture is converted, not when a tool is listed
    from PIL.Image import Image as Picture

_QUALITY = Range(1, 100)
_OTHER_NAMES = {"jpg": "jpeg", "tif": "tiff", "bitmap": "bmp"}
_ENDINGS = {"jpeg": "jpg", "tiff": "tif"}
_KEEPS_TRANSPARENCY = frozenset({"png", "webp", "tiff"})
_LOSSLESS_FROM = 100


class ConvertImage(CpuTool):
    """Pillow's encoders; metadata is left behind."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Convert a picture.

        Returns:
            `image`: the same picture in the wanted format, with the file ending of that format.
            JPEG and BMP know no transparency: white shows there.

        Raises:
            InvalidInput: The picture cannot be read, or the quality is out of range.
        """
        wanted = inputs.text("format", "jpeg")
        form = _OTHER_NAMES.get(wanted, wanted)
        quality = round(_QUALITY.read(inputs, "quality", 90.0))
        file = inputs.file("image")
        picture = open_layer(file) if form in _KEEPS_TRANSPARENCY else open_picture(file)
        context.check()
        path = context.scratch / f"converted.{_ENDINGS.get(form, form)}"
        _bare(picture).save(path, format=form.upper(), **_settings(form, quality))
        kilobytes = max(1, round(path.stat().st_size / 1_000))
        return {"image": Output.of_file(path, caption=f"{form.upper()}, {kilobytes} kB")}


def _bare(picture: Picture) -> Picture:
    """Without notes of the old file, which would make equal pictures unequal files."""
    picture.info.clear()
    return picture


def _settings(form: str, quality: int) -> dict[str, Any]:
    match form:
        case "jpeg":
            # below 90, half the colour resolution saves a third and is hardly seen
            return {"quality": quality, "subsampling": 0 if quality >= 90 else 2}
        case "webp":
            return {"quality": quality, "lossless": quality >= _LOSSLESS_FROM, "method": 4}
        case "tiff":
            return {"compression": "tiff_lzw"}
        case "png":
            return {"compress_level": 6}
        case _:
            return {}
