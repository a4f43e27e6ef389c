"""Which pixels have a colour that a person names: `red`, `dark blue`'s blue, or `#1e90ff`."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.palette import colour_name
from controlllm_tools.tool import Inputs

if TYPE_CHECKING:  # numpy loads when a picture is read, not when a tool is listed
    from numpy import bool_, float64, uint8
    from numpy.typing import NDArray

    Rgb = NDArray[uint8]

USUAL_TOLERANCE = 0.15
_STEPS = 32
"""Colours are told apart in so many steps of each channel."""
_SAME = {"gray": "grey", "violet": "purple", "cyan": "teal", "turquoise": "teal"}
_HEX = re.compile(r"#?([0-9a-fA-F]{6})")


def wanted_colour(inputs: Inputs, default: str) -> str:
    """The colour a call asks for: its `hex` port, else its `colour` port, else the default.

    Raises:
        InvalidInput: `hex` is not six hexadecimal digits.
    """
    written = inputs.text("hex").strip()
    if not written:
        return inputs.text("colour", default)
    match = _HEX.fullmatch(written)
    if match is None:
        msg = f"hex is {written[:40]!r}; write a colour as six digits, such as #1e90ff"
        raise InvalidInput(msg)
    return f"#{match[1].lower()}"


def pixels_of(rgb: Rgb, colour: str, tolerance: float) -> NDArray[bool_]:
    """Where a picture has a colour.

    Args:
        rgb: Shape (height, width, 3), uint8.
        colour: A word, whose light and dark kinds count too, or `#rrggbb`.
        tolerance: How far from a `#rrggbb` a colour may be, from 0 to 1 for black to white in
            CIELAB; above the usual 0.15 it widens the range of a word by the rest.

    Returns:
        Shape (height, width).

    Raises:
        InvalidInput: The tolerance is out of range.
    """
    import numpy as np

    if not 0 <= tolerance <= 1:
        msg = f"tolerance must lie between 0 and 1, got {tolerance:g}"
        raise InvalidInput(msg)
    table = _of_hex(colour, tolerance) if colour.startswith("#") else _of_word(colour, tolerance)
    steps = (rgb // (256 // _STEPS)).astype(np.int32)
    index = (steps[..., 0] * _STEPS + steps[..., 1]) * _STEPS + steps[..., 2]
    found: NDArray[bool_] = table[index]
    return found


@cache
def _lab() -> NDArray[float64]:
    """CIELAB of the middle of every step, shape (_STEPS**3, 3)."""
    import cv2
    import numpy as np

    middles = ((np.arange(_STEPS) + 0.5) / _STEPS).astype(np.float32)
    grid = np.stack(np.meshgrid(middles, middles, middles, indexing="ij"), axis=-1)
    lab = cv2.cvtColor(grid.reshape(1, -1, 3), cv2.COLOR_RGB2LAB)[0]
    exact: NDArray[float64] = lab.astype(np.float64)
    return exact


@cache
def _names() -> tuple[str, ...]:
    return tuple(colour_name(*(float(value) for value in lab)).split()[-1] for lab in _lab())


def _of_word(word: str, tolerance: float) -> NDArray[bool_]:
    import numpy as np
    from scipy.spatial import cKDTree

    name = _SAME.get(word, word)
    table: NDArray[bool_] = np.array([each == name for each in _names()])
    if tolerance > USUAL_TOLERANCE and table.any():
        away, _ = cKDTree(_lab()[table]).query(_lab())
        table = away <= 100 * (tolerance - USUAL_TOLERANCE)
    return table


def _of_hex(colour: str, tolerance: float) -> NDArray[bool_]:
    import cv2
    import numpy as np

    rgb = np.array([[[int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]]], dtype=np.float32)
    away = np.linalg.norm(_lab() - cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[0, 0], axis=1)
    # its own step counts at any tolerance
    table: NDArray[bool_] = away <= max(100 * tolerance, float(away.min()))
    return table
