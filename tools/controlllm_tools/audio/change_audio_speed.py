"""Play a recording faster or slower without changing its pitch."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.effects import LIMITER, filter_sound, length_of
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

SLOWEST, FASTEST = 0.2, 5.0
_USUAL = 1.25
_SLOWER = frozenset(("slower", "slow"))


class ChangeAudioSpeed(CpuTool):
    """Time stretching by the Rubber Band library inside ffmpeg."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Stretch.

        Returns:
            `audio`: FLAC, shorter by the factor.

        Raises:
            InvalidInput: The factor is out of range, or two ways to say it are mixed.
        """
        path = inputs.file("audio")
        length = length_of(path)
        factor = Range(SLOWEST, FASTEST).check("the speed factor", speed_of(inputs, length))
        seconds = length / factor
        filters = [f"rubberband=tempo={factor:.8f}:transients=mixed", LIMITER]
        target = filter_sound(
            path, filters, context.scratch / "speed.flac", context, seconds=seconds
        )
        caption = f"{factor:.3g} times as fast, {seconds:.1f} s"
        return {"audio": Output.of_file(target, caption=caption)}


def speed_of(inputs: Inputs, length_s: float) -> float:
    """The factor that the ports ask for: above 1 is faster.

    Raises:
        InvalidInput: More than one of percent, factor and length is given.
    """
    said = [name for name in ("percent", "factor", "length_s") if name in inputs]
    if len(said) > 1:
        msg = f"the speed is given by {' and by '.join(said)}; give one of them"
        raise InvalidInput(msg)
    slower = inputs.text("direction") in _SLOWER
    if said == ["length_s"]:
        return length_s / Range(0.01, 1e6).read(inputs, "length_s", 1.0)
    if said == ["percent"]:
        percent = Range(-90.0, 400.0).read(inputs, "percent", 0.0)
        return 1 + (-abs(percent) if slower else percent) / 100
    factor = inputs.number("factor", _USUAL)
    # "slow it down by a factor of 2" and "slow it down to 0.5" both mean half the speed
    return 1 / factor if slower and factor > 1 else factor
