"""Let a recording sound as if it were made in a room, a hall or a church."""

from __future__ import annotations

from pathlib import Path

from controlllm_tools.audio.room import Room
from controlllm_tools.media.effects import LIMITER, filter_sound
from controlllm_tools.media.progress import stage
from controlllm_tools.media.ranges import Range
from controlllm_tools.media.sound import sound_blocks, sound_facts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_FADES_S = {"room": 0.5, "hall": 1.8, "church": 4.0, "cave": 3.0}
_PERCENT = {"room": 25.0, "hall": 30.0, "church": 35.0, "cave": 60.0}
_LONGEST_S = 12.0
_BLOCK_S = 5.0
_ROOM_FOR_PEAKS = 0.5
_FLOAT = ("PCM_24", "WAV")


class AddReverb(CpuTool):
    """Reverberation by convolution; the sound itself stays in front."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Add the room, and let it ring out after the end.

        Returns:
            `audio`: FLAC in stereo, longer by the time the room needs to fall silent.

        Raises:
            InvalidInput: The amount or the decay is out of range.
        """
        path = inputs.file("audio")
        space = inputs.text("space", "hall")
        decay = inputs.number("decay_s", _FADES_S[space])
        fade_s = Range(0.1, _LONGEST_S).check("decay_s", decay)
        amount = Range(0.0, 100.0).read(inputs, "percent", _PERCENT[space])
        raw = context.scratch / "raw.wav"
        _render(path, raw, (fade_s, amount / 100), stage(context, 0.0, 0.8))
        target = context.scratch / "reverb.flac"
        filters = [f"volume={1 / _ROOM_FOR_PEAKS}:precision=double", LIMITER]
        filter_sound(raw, filters, target, stage(context, 0.8, 1.0))
        raw.unlink()
        caption = f"in a {space}: {amount:g}% that fades over {fade_s:g} s"
        return {"audio": Output.of_file(target, caption=caption)}


def _render(path: Path, target: Path, room: tuple[float, float], context: ToolContext) -> None:
    """Write the sound with its echo at half level, which leaves room for peaks."""
    import numpy as np
    import soundfile

    facts = sound_facts(path)
    rate_hz, seconds = facts.sample_rate_hz or 44_100, facts.duration_s or 1.0
    fade_s, share = room
    echo = Room(rate_hz=rate_hz, fade_s=fade_s)
    subtype, form = _FLOAT
    with soundfile.SoundFile(target, "w", rate_hz, 2, subtype=subtype, format=form) as out:
        done = 0
        blocks = sound_blocks(path, context, rate_hz=rate_hz, channels=2, block_s=_BLOCK_S)
        for block in blocks:
            wet = echo.add(block)
            out.write((_ROOM_FOR_PEAKS * (block + share * wet)).T)
            done += block.shape[1]
            context.progress(min(1.0, done / rate_hz / seconds), "adding the room")
        tail = echo.add(np.zeros((2, round(fade_s * rate_hz)), dtype=np.float32))
        out.write((_ROOM_FOR_PEAKS * share * tail).T)
