"""Raise or lower the bass, the middle or the treble of a recording."""

from __future__ import annotations

from controlllm_tools.media.effects import LIMITER, filter_sound
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_MOST_DB = 30.0
_PORTS = ("bass_db", "middle_db", "treble_db")
_DOWN = frozenset("cut reduce lower less".split())

_BAND = {
    "bass_db": "bass=g={gain:.3f}:f=150:t=q:w=0.7",
    "middle_db": "equalizer=g={gain:.3f}:f=1000:t=o:w=2",
    "treble_db": "treble=g={gain:.3f}:f=4000:t=q:w=0.7",
}
_PRESETS = {
    "bass": ("bass=g=8:f=150:t=q:w=0.7",),
    "treble": ("treble=g=8:f=4000:t=q:w=0.7",),
    # without rumble and boom, with the consonants in front
    "voice": (
        "highpass=f=80",
        "equalizer=g=-3:f=250:t=o:w=1",
        "equalizer=g=4:f=3200:t=o:w=1.5",
    ),
    # the band of a telephone line, ITU-T G.712
    "telephone": ("highpass=f=300:p=2", "highpass=f=300:p=2", "lowpass=f=3400:p=2",
                  "lowpass=f=3400:p=2"),
    "warm": ("bass=g=3:f=200:t=q:w=0.7", "treble=g=-5:f=5000:t=q:w=0.7"),
    "bright": ("bass=g=-3:f=150:t=q:w=0.7", "treble=g=5:f=5000:t=q:w=0.7"),
}  # fmt: skip


class EqualiseAudio(CpuTool):
    """Shelves and a bell, by the filters of the Audio EQ Cookbook (Bristow-Johnson)."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Filter.

        Returns:
            `audio`: FLAC of the same length; peaks are held back.

        Raises:
            InvalidInput: A gain is out of range.
        """
        gains = {port: _gain(inputs, port) for port in _PORTS if port in inputs}
        preset = inputs.text("preset", "voice")
        # a band with a number says more than the name of a preset
        filters = [_BAND[port].format(gain=gain) for port, gain in gains.items()]
        caption = ", ".join(f"{port[:-3]} {gain:+g} dB" for port, gain in gains.items())
        target = filter_sound(
            inputs.file("audio"), [*(filters or _PRESETS[preset]), LIMITER],
            context.scratch / "equalised.flac", context,
        )  # fmt: skip
        return {"audio": Output.of_file(target, caption=caption or f"preset {preset}")}


def _gain(inputs: Inputs, port: str) -> float:
    """A gain in dB; `change` says where an unsigned number goes."""
    gain = Range(-_MOST_DB, _MOST_DB).read(inputs, port, 0.0)
    return -abs(gain) if inputs.text("change") in _DOWN else gain
