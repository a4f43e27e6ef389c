"""Change how light, strong and colourful a video is."""

from __future__ import annotations

from dataclasses import dataclass

from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.redrawing import redrawn

_PERCENT = Range(-100, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What a look changes when no number is given, in percent, and a filter of its own."""

    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    filter: str = "null"


_LOOKS = {
    "natural": _Look(),
    "brighter": _Look(brightness=30),
    "darker": _Look(brightness=-30),
    "vivid": _Look(contrast=10, saturation=50),
    "grey": _Look(saturation=-100),
    # the usual mix of old prints: brown light on a dark ground
    "sepia": _Look(filter="colorchannelmixer=.393:.769:.189:0:.349:.686:.168:0:.272:.534:.131"),
    "warm": _Look(filter="colorbalance=rs=.06:rm=.10:rh=.06:bs=-.06:bm=-.10:bh=-.06"),
    "cool": _Look(filter="colorbalance=rs=-.06:rm=-.10:rh=-.06:bs=.06:bm=.10:bh=.06"),
}


class AdjustVideoColours(CpuTool):
    """Brightness, contrast, strength of colours, and a few looks."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Adjust.

        Returns:
            `video`: MP4 with its sound.

        Raises:
            InvalidInput: The file is no video, or a number is out of range.
        """
        name = inputs.text("look", "natural")
        look = _LOOKS[name]
        brightness = _percent(inputs, "brightness", look.brightness)
        if name == "darker":
            brightness = -abs(brightness)  # "darker by 20 percent"
        contrast = _percent(inputs, "contrast", look.contrast)
        saturation = _percent(inputs, "saturation", look.saturation)
        light, spread = 1 + brightness / 100, 1 + contrast / 100
        filters = (
            "format=yuv420p,"
            # light is scaled from black, contrast turns about the middle grey of 8-bit video
            f"lutyuv=y='clip(((val-16)*{light:.4f}-110)*{spread:.4f}+126,16,235)',"
            f"hue=s={1 + saturation / 100:.4f},{look.filter},format=yuv420p"
        )
        path = inputs.file("video")
        target = redrawn(path, filters, context.scratch / "colours.mp4", context)
        caption = (
            f"{name}: brightness {brightness:+g} %, contrast {contrast:+g} %, "
            f"colours {saturation:+g} %"
        )
        return {"video": Output.of_file(target, caption=caption)}


def _percent(inputs: Inputs, port: str, of_look: float) -> float:
    return _PERCENT.read(inputs, port, 0.0) or of_look
