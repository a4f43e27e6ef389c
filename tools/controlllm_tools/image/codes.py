"""Read and make QR codes and barcodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.media.images import read_rgb, write_png
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is read, not when a tool is listed
    from numpy import uint8
    from numpy.typing import NDArray

    Rgb = NDArray[uint8]

_KINDS = {
    "qr": "QRCode", "aztec": "Aztec", "datamatrix": "DataMatrix", "pdf417": "PDF417",
    "barcode": "Code128",
}  # fmt: skip
_LONGEST_LINE = 80
"""Characters of a line barcode; longer ones are too wide for scanners, so a stacked one is made."""
_MOST_BYTES = 2_900
_USUAL_SIZE_PX = 400


class ReadCode(CpuTool):
    """ZXing reads QR, Aztec, Data Matrix, PDF417, EAN, UPC, Code 39, 93, 128, ITF, Codabar."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Read every code on a picture.

        Returns:
            `text`: what they say, one a line, from top to bottom; empty when there is none.
            `boxes`: where they are, in the same order, labelled with the text.

        Raises:
            InvalidInput: The picture cannot be read.
        """
        rgb = read_rgb(inputs.file("image"))
        context.check()
        height, width = rgb.shape[:2]
        found = _read(rgb)
        texts = [code.text for _, code in found]
        placed = (box.clipped(width, height) for box, _ in found)
        boxes = Boxes(
            width_px=width, height_px=height, boxes=tuple(box for box in placed if box is not None)
        )
        kinds = ", ".join(dict.fromkeys(str(code.format) for _, code in found))
        count = len(found)
        caption = f"{count} code{'' if count == 1 else 's'}: {kinds}" if count else "no code found"
        return {
            "text": Output.of_text("\n".join(texts), name="code.txt", caption=caption),
            "boxes": Output.of_json(boxes.to_json(), name="codes.json", caption=caption),
        }


class MakeCode(CpuTool):
    """A code in black on white, with the quiet zone that scanners want."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Draw a code.

        Returns:
            `code`: PNG, one channel, every module the same whole number of pixels.

        Raises:
            InvalidInput: The text is empty, or too long or of letters the kind cannot hold.
        """
        import numpy as np
        import zxingcpp

        text = inputs.text("text").strip()
        size = inputs.number("size", _USUAL_SIZE_PX)
        _check(text, size)
        kind = _KINDS[inputs.text("kind", "qr")]
        if kind == "Code128" and (len(text) > _LONGEST_LINE or not text.isascii()):
            kind = "PDF417"
        try:
            code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
        except ValueError as error:
            msg = f"{len(text)} characters do not fit into a {kind} code: {error}; give less text"
            raise InvalidInput(msg) from error
        context.check()
        modules = np.array(zxingcpp.write_barcode_to_image(code, scale=1))
        path = write_png(_enlarged(modules, size), context.scratch / "code.png")
        return {"code": Output.of_file(path, caption=f"{kind} code of {len(text)} characters")}


def codes_on(rgb: Rgb) -> tuple[str, ...]:
    """What the codes on a picture say, from top to bottom.

    Args:
        rgb: Shape (height, width, 3), uint8.
    """
    return tuple(code.text for _, code in _read(rgb))


def _read(rgb: Rgb) -> list[tuple[Box, Any]]:
    import numpy as np
    import zxingcpp

    codes = zxingcpp.read_barcodes(np.ascontiguousarray(rgb[:, :, ::-1]))
    found = [(_box(code), code) for code in codes]
    return sorted(found, key=lambda each: (each[0].y, each[0].x))


def _check(text: str, size: float) -> None:
    if not text:
        msg = "there is no text to put into the code"
        raise InvalidInput(msg)
    length = len(text.encode())
    if length > _MOST_BYTES:
        msg = f"{length:,} bytes of text do not fit into a code, at most {_MOST_BYTES:,} do"
        raise InvalidInput(msg)
    if not 32 <= size <= 8_000:
        msg = f"size must be between 32 and 8,000 pixels, got {size:g}"
        raise InvalidInput(msg)


def _enlarged(modules: NDArray[uint8], size: float) -> NDArray[uint8]:
    """Whole pixels a module: the smallest picture whose longer side is at least the size."""
    import numpy as np

    scale = max(1, -int(-size // max(modules.shape)))
    return np.kron(modules, np.ones((scale, scale), dtype=np.uint8))


def _box(code: Any) -> Box:  # noqa: ANN401 - the library brings no types
    place = code.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    left, right = min(c.x for c in corners), max(c.x for c in corners)
    top, bottom = min(c.y for c in corners), max(c.y for c in corners)
    # a line barcode may be reported as the one line on which it was read
    return Box(
        x=left,
        y=top,
        width=max(1, right - left + 1),
        height=max(1, bottom - top + 1),
        label=code.text[:1_000],
    )
