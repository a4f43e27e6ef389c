"""Raise or lower the pitch of a recording without changing its length."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.effects import LIMITER, filter_sound
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_MOST_SEMITONES = 24.0
_USUAL_SEMITONES = 2.0
_IN_AN_OCTAVE = 12
_DOWN = frozenset("down lower deeper".split())


class ShiftPitch(CpuTool):
    """Pitch shifting by the Rubber Band library inside ffmpeg, in equal temperament."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Shift.

        Returns:
            `audio`: FLAC of the same length.

        Raises:
            InvalidInput: The shift is out of range, or given twice.
        """
        semitones = Range(-_MOST_SEMITONES, _MOST_SEMITONES).check("semitones", _semitones(inputs))
        ratio = 2 ** (semitones / _IN_AN_OCTAVE)
        filters = [f"rubberband=pitch={ratio:.8f}:pitchq=quality:transients=mixed", LIMITER]
        target = filter_sound(
            inputs.file("audio"), filters, context.scratch / "pitch.flac", context
        )
        return {"audio": Output.of_file(target, caption=f"{semitones:+g} semitones")}


def _semitones(inputs: Inputs) -> float:
    if "semitones" in inputs and "octaves" in inputs:
        msg = "the pitch moves by semitones or by octaves, not by both; give one of the two"
        raise InvalidInput(msg)
    if "octaves" in inputs:
        amount = _IN_AN_OCTAVE * inputs.number("octaves", 1.0)
    else:
        amount = inputs.number("semitones", _USUAL_SEMITONES)
    return -abs(amount) if inputs.text("direction") in _DOWN else amount
