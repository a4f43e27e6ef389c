"""Change brightness, contrast, saturation and warmth of a picture, or take its colours away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from controlllm_tools.media.images import read_layer, write_png
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is changed, not when a tool is listed
    from controlllm_tools.media.images import Rgb

_FACTOR = Range(0, 10)
_WARMTH = Range(-1, 1)
_LUMA = (0.299, 0.587, 0.114)
"""How bright red, green and blue look (ITU-R BT.601)."""

_LIGHT = {"brighter": 1.3, "lighter": 1.3, "darker": 0.7, "dimmer": 0.7}
_VIVIDNESS = {
    "vivid": 1.5, "vibrant": 1.5, "colourful": 1.5, "colorful": 1.5,
    "muted": 0.5, "pale": 0.5, "paler": 0.5, "faded": 0.5,
}  # fmt: skip
_TEMPERATURE = {"warmer": 0.5, "cooler": -0.5, "colder": -0.5}
_A_LITTLE_MORE = 1.2
_ROWS = 512
"""A strip this high is changed at once, so that its fractions do not fill the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """Factors around 1; `warmth` from -1 (blue) to 1 (orange)."""

    brightness: float
    contrast: float
    saturation: float
    warmth: float


class AdjustColours(CpuTool):
    """Linear changes of the values on screen: times brightness, then spread around their mean."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Change the colours.

        A number wins over a word for the same thing; with neither of any kind, the picture gets a
        little more contrast and saturation.

        Returns:
            `image`: PNG of the same width and height, transparent where it was.

        Raises:
            InvalidInput: The picture cannot be read, or a number is out of range.
        """
        import numpy as np

        change = _change(inputs)
        pixels, alpha = read_layer(inputs.file("image"))
        middle = change.brightness * float((pixels.mean(axis=(0, 1)) * _LUMA).sum())
        for top in range(0, pixels.shape[0], _ROWS):
            context.check()
            strip = pixels[top : top + _ROWS]
            strip[:] = _changed(strip, change, min(255.0, middle))
            context.progress(min(1.0, (top + _ROWS) / pixels.shape[0]), "colours")
        path = write_png(np.ascontiguousarray(pixels), context.scratch / "adjusted.png", alpha)
        return {"image": Output.of_file(path, caption=_told(change))}


class GreyImage(CpuTool):
    """As bright as the colours looked."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Take the colours away.

        Returns:
            `image`: PNG of the same width and height, red, green and blue alike, or toned brown
            with `tone` sepia; transparent where it was.

        Raises:
            InvalidInput: The picture cannot be read.
        """
        import cv2
        import numpy as np

        pixels, alpha = read_layer(inputs.file("image"))
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        context.check()
        tone = inputs.text("tone", "neutral")
        ink = np.array((62, 36, 10) if tone == "sepia" else (0, 0, 0), dtype=np.float32)
        # from the ink for black to white, or its warm paper, for white
        paper = np.array((255, 240, 212) if tone == "sepia" else (255, 255, 255), dtype=np.float32)
        levels = np.arange(256, dtype=np.float32)[:, None] / 255
        table = (ink * (1 - levels) + paper * levels).round().astype(np.uint8)
        path = write_png(table[grey], context.scratch / "grey.png", alpha)
        return {"image": Output.of_file(path, caption=f"without colours, {tone} tone")}


def _change(inputs: Inputs) -> _Change:
    light = _LIGHT.get(inputs.text("light"), 1.0)
    vividness = _VIVIDNESS.get(inputs.text("vividness"), 1.0)
    warmth = _TEMPERATURE.get(inputs.text("temperature"), 0.0)
    ports = {"brightness", "contrast", "saturation", "warmth", "light", "vividness", "temperature"}
    unsaid = _A_LITTLE_MORE if ports.isdisjoint(inputs) else 1.0
    brightness = _FACTOR.read(inputs, "brightness", light)
    if "brightness" in inputs and light != 1 and brightness < 1:
        # "20 % darker" says a share, not a factor
        brightness = 1 + brightness if light > 1 else 1 - brightness
    return _Change(
        brightness=brightness,
        contrast=_FACTOR.read(inputs, "contrast", unsaid),
        saturation=_FACTOR.read(inputs, "saturation", unsaid * vividness),
        warmth=_WARMTH.read(inputs, "warmth", warmth),
    )


def _changed(strip: Rgb, change: _Change, middle: float) -> Rgb:
    import numpy as np

    values = strip.astype(np.float32) * change.brightness
    values = middle + (values - middle) * change.contrast
    if change.saturation != 1:
        grey = (values @ np.array(_LUMA, dtype=np.float32))[:, :, None]
        values = grey + (values - grey) * change.saturation
    if change.warmth:
        # a quarter at most: more turns white into orange and leaves no white
        values *= np.array((1 + change.warmth / 4, 1, 1 - change.warmth / 4), dtype=np.float32)
    return values.round().clip(0, 255).astype(np.uint8)


def _told(change: _Change) -> str:
    factors = (
        ("brightness", change.brightness),
        ("contrast", change.contrast),
        ("saturation", change.saturation),
    )
    said = [f"{name} x {value:g}" for name, value in factors if value != 1]
    if change.warmth:
        said.append(f"warmth {change.warmth:+g}")
    return ", ".join(said) or "unchanged"
