"""How much larger or smaller a picture is wanted: by a factor, a width, a height, or both."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.tool import Inputs

_HALF = 0.5
_MOST = 1_000_000


def wanted_scale(inputs: Inputs, size: tuple[int, int], *, fits_both: bool) -> tuple[float, float]:
    """Factors on width and height, from the ports `width`, `height`, `scale` and `keep_shape`.

    A width or a height rules out `scale`; either alone keeps the shape.

    Args:
        inputs: Of the call.
        size: Width and height in pixels now.
        fits_both: Whether width and height together mean a frame to fit into; otherwise they are
            taken as they are. `keep_shape` overrides it.

    Raises:
        InvalidInput: A number is not above zero, or absurdly large.
    """
    across, down = _ratio(inputs, "width", size[0]), _ratio(inputs, "height", size[1])
    if across is None and down is None:
        factor = _above_zero(inputs, "scale", _HALF)
        return factor, factor
    alone = across is None or down is None
    if inputs.flag("keep_shape", default=alone or fits_both):
        factor = min(ratio for ratio in (across, down) if ratio is not None)
        return factor, factor
    return across or 1.0, down or 1.0


def _ratio(inputs: Inputs, port: str, now_px: int) -> float | None:
    return _above_zero(inputs, port, 0.0) / now_px if port in inputs else None


def _above_zero(inputs: Inputs, port: str, default: float) -> float:
    value = inputs.number(port, default)
    if not 0 < value <= _MOST:
        msg = f"{port} must be above zero and at most {_MOST:,}, got {value:g}"
        raise InvalidInput(msg)
    return value
