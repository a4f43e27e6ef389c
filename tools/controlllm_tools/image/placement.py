"""Where a smaller picture lies on a larger one, and how large it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.limits import LIMITS
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import Inputs

if TYPE_CHECKING:  # Pillow loads when a picture is placed, not when a tool is listed
    from PIL.Image import Image as Picture

_SCALE = Range(0.001, 4)
_PIXELS = Range(-1_000_000, 1_000_000)
_BY_ITSELF = 0.5
"""Without a wish for its size, a picture covers at most this share of the ground's sides."""
_MARGIN = 0.03
"""Room to the edge of the ground, as a share of its shorter side."""
_SHARES = {
    "left": 0.0, "top": 0.0, "upper": 0.0,
    "center": 0.5, "centre": 0.5, "middle": 0.5,
    "right": 1.0, "bottom": 1.0, "lower": 1.0,
}  # fmt: skip


def trimmed(layer: Picture) -> Picture:
    """Without rows and columns at its edges in which nothing is seen.

    Raises:
        InvalidInput: Nothing is seen of it at all.
    """
    if layer.mode != "RGBA":
        return layer
    seen = layer.getchannel("A").getbbox()
    if seen is None:
        msg = "the picture to put in is transparent all over; cut something out of it first"
        raise InvalidInput(msg)
    return layer.crop(seen)


def scaled(inputs: Inputs, layer: Picture, ground: tuple[int, int]) -> Picture:
    """As wide as `scale` says, a share of the ground's width; else its own size, within bounds.

    Raises:
        InvalidInput: The scale is out of range, or the result is over the limit of pixels.
    """
    from PIL import Image

    if "scale" in inputs:
        factor = _SCALE.read(inputs, "scale", 1.0) * ground[0] / layer.width
    else:
        factor = min(
            1.0, _BY_ITSELF * ground[0] / layer.width, _BY_ITSELF * ground[1] / layer.height
        )
    size = (max(1, round(layer.width * factor)), max(1, round(layer.height * factor)))
    if size[0] * size[1] > LIMITS.image_pixels:
        msg = (
            f"the picture would be pasted with {size[0]}x{size[1]} pixels, over the limit of "
            f"{LIMITS.image_pixels / 1e6:.0f} megapixels; give a smaller scale"
        )
        raise InvalidInput(msg)
    return layer if size == layer.size else layer.resize(size, Image.Resampling.LANCZOS)


def corner(
    inputs: Inputs,
    size: tuple[int, int],
    ground: tuple[int, int],
    usual: tuple[str, str] = ("middle", "middle"),
) -> tuple[int, int]:
    """Left and top pixel of a picture of that size on the ground.

    `left` and `top` count in pixels; where they are not given, `across` and `down` say it in words,
    and where nothing says it, `usual` does.

    Raises:
        InvalidInput: Nothing of it would be seen there.
    """
    margin = round(_MARGIN * min(ground))
    places = []
    ports = (("left", "across"), ("top", "down"))
    for (number, word), own, whole, said in zip(ports, size, ground, usual, strict=True):
        share = _SHARES[inputs.text(word, said)]
        room = min(margin, max(0, whole - own) // 2)
        place = room + share * (whole - own - 2 * room)
        places.append(round(_PIXELS.read(inputs, number, place)))
    _check_seen((places[0], places[1]), size, ground)
    return places[0], places[1]


def _check_seen(at: tuple[int, int], size: tuple[int, int], ground: tuple[int, int]) -> None:
    inside = (-own < place < whole for place, own, whole in zip(at, size, ground, strict=True))
    if not all(inside):
        msg = (
            f"at {at[0]}, {at[1]} nothing of it would be seen on a picture of "
            f"{ground[0]}x{ground[1]} pixels; give a place inside"
        )
        raise InvalidInput(msg)
