"""Make a recording louder or quieter by a known amount."""

from __future__ import annotations

import math

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.effects import LIMITER, filter_sound
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_MOST_GAIN_DB = 60.0
_USUAL_GAIN_DB = 6.0
_DOWN = frozenset("quieter down lower reduce decrease".split())


class ChangeVolume(CpuTool):
    """One gain for the whole recording; peaks that would pass full scale are held back."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Apply the gain.

        Returns:
            `audio`: FLAC of the same length.

        Raises:
            InvalidInput: The gain is out of range.
        """
        gain_db = gain_of(inputs)
        filters = [f"volume={gain_db:.4f}dB:precision=double"]
        if gain_db > 0:
            filters.append(LIMITER)
        target = filter_sound(
            inputs.file("audio"), filters, context.scratch / "volume.flac", context
        )
        return {"audio": Output.of_file(target, caption=f"{gain_db:+.1f} dB")}


def gain_of(inputs: Inputs) -> float:
    """The gain in dB that the ports ask for; `direction` says where an unsigned number goes.

    Raises:
        InvalidInput: Both a gain and a factor are given, or one is out of range.
    """
    sign = -1 if inputs.text("direction") in _DOWN else 1
    if "gain_db" in inputs and "factor" in inputs:
        msg = "the volume changes by gain_db or by a factor, not by both; give one of the two"
        raise InvalidInput(msg)
    if "factor" in inputs:
        factor = Range(0.001, 1_000.0).read(inputs, "factor", 1.0)
        gain_db = 20 * math.log10(factor)
        # "reduce it by a factor of 2" and "lower it to 0.5" both mean half
        return -gain_db if sign < 0 < gain_db else gain_db
    gain_db = inputs.number("gain_db", _USUAL_GAIN_DB)
    Range(-_MOST_GAIN_DB, _MOST_GAIN_DB).check("gain_db", gain_db)
    return sign * gain_db if gain_db > 0 else gain_db
