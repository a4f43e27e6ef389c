"""Where a small picture lies on a large one: an edge, a corner or the middle, with a margin."""

from __future__ import annotations

from controlllm_tools.tool import Inputs

_MARGIN = "0.03*min(main_w,main_h)"
_SHARES = {
    "left": 0.0, "top": 0.0, "upper": 0.0,
    "center": 0.5, "centre": 0.5, "middle": 0.5,
    "right": 1.0, "bottom": 1.0, "lower": 1.0,
}  # fmt: skip


def place(inputs: Inputs) -> str:
    """Options of ffmpeg's `overlay` for the words on the ports `across` and `down`.

    Without them, the lower right corner.
    """
    across = _SHARES[inputs.text("across", "right")]
    down = _SHARES[inputs.text("down", "bottom")]
    return (
        f"x='trunc({_MARGIN}+{across}*(main_w-overlay_w-2*{_MARGIN}))':"
        f"y='trunc({_MARGIN}+{down}*(main_h-overlay_h-2*{_MARGIN}))'"
    )
