"""Disguise a voice: deeper, higher, as a robot, a whisper, or over a telephone."""

from __future__ import annotations

from controlllm_tools.media.effects import LIMITER, filter_sound
from controlllm_tools.media.sound import sound_facts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_SPECTRAL = "afftfilt=real='{real}':imag='{imag}':win_size={size}:overlap=0.75"
_MAGNITUDE = "hypot(re,im)"


def _pitched(semitones: float) -> str:
    """The throat grows or shrinks with the pitch, as it does between people."""
    return f"rubberband=pitch={2 ** (semitones / 12):.8f}:pitchq=quality:transients=mixed"


_EFFECTS: dict[str, tuple[str, ...]] = {
    "deeper": (_pitched(-4),),
    "higher": (_pitched(4),),
    "chipmunk": (_pitched(9),),
    "monster": (_pitched(-9), "aecho=0.8:0.9:23|37:0.35|0.25", "bass=g=4:f=150"),
    # without phases every window begins anew: the pitch is that of the windows
    "robot": (
        "aresample=22050",
        _SPECTRAL.format(real=_MAGNITUDE, imag="0", size=512),
        "highpass=f=80",
        "volume=8dB",
    ),
    "whisper": (
        "aresample=22050",
        _SPECTRAL.format(
            real=f"{_MAGNITUDE}*cos(6.2831853*random(0))",
            imag=f"{_MAGNITUDE}*sin(6.2831853*random(0))",
            size=256,
        ),
        "highpass=f=300",
        "treble=g=6:f=3000",
        "volume=6dB",
    ),
    "telephone": (
        "highpass=f=300:p=2", "highpass=f=300:p=2", "lowpass=f=3400:p=2", "lowpass=f=3400:p=2",
        "acompressor=threshold=0.06:ratio=6:attack=5:release=80:makeup=3",
        "aresample=8000",
        "acrusher=level_in=1:level_out=1:bits=8:mode=log:aa=1:mix=0.4",
    ),
}  # fmt: skip


class ChangeVoice(CpuTool):
    """Voice effects out of ffmpeg's filters."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Apply one.

        Returns:
            `voice`: FLAC of the same length and sample rate.

        Raises:
            InvalidInput: The file has no sound.
        """
        path = inputs.file("audio")
        kind = inputs.text("voice", "deeper")
        rate_hz = sound_facts(path).sample_rate_hz or 44_100
        filters = [*_EFFECTS[kind], f"aresample={rate_hz}", LIMITER]
        target = filter_sound(path, filters, context.scratch / f"{kind}.flac", context)
        return {"voice": Output.of_file(target, caption=f"the voice {kind}")}
