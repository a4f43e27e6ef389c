"""Take hiss, hum and other steady noise out of a recording."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from controlllm_tools.audio.noise import NoiseGate
from controlllm_tools.media.effects import length_of
from controlllm_tools.media.sound import sound_blocks, sound_facts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when sound is read, not when a tool is listed
    from numpy import float32
    from numpy.typing import NDArray

    Samples = NDArray[float32]

_FLOORS_DB = {"light": -10.0, "medium": -18.0, "strong": -28.0}


class ReduceNoise(CpuTool):
    """The noise gate of `noise`, streamed."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Learn the noise from the beginning, then follow it and hold it back.

        Returns:
            `audio`: FLAC of the same length and rate, mono or stereo.

        Raises:
            InvalidInput: The file has no sound.
        """
        import soundfile

        path = inputs.file("audio")
        seconds = length_of(path)
        strength = inputs.text("strength", "medium")
        facts = sound_facts(path)
        rate_hz, channels = facts.sample_rate_hz or 44_100, min(2, facts.channels or 1)
        gate = NoiseGate(rate_hz=rate_hz, channels=channels, floor_db=_FLOORS_DB[strength])
        target = context.scratch / "cleaned.flac"
        done = 0
        with soundfile.SoundFile(target, "w", rate_hz, channels, "PCM_16", format="FLAC") as out:
            blocks = sound_blocks(path, context, rate_hz=rate_hz, channels=channels)
            for piece in _cleaned(blocks, gate):
                out.write(piece.clip(-1.0, 1.0).T)
                done += piece.shape[1]
                context.progress(min(1.0, done / rate_hz / seconds), "cleaning")
        caption = f"steady noise held back ({strength}), {seconds:.1f} s"
        return {"audio": Output.of_file(target, caption=caption)}


def _cleaned(blocks: Iterator[Samples], gate: NoiseGate) -> Iterator[Samples]:
    """The cleaned sound, as long as the blocks together; the gate learns from the first one."""
    import numpy as np

    late, owed, channels = gate.latency, 0, 1
    for number, block in enumerate(blocks):
        if number == 0:
            gate.listen(block)
        owed += block.shape[1]
        channels = len(block)
        cleaned = gate.clean(block)
        piece = cleaned[:, late:]
        late = max(0, late - cleaned.shape[1])
        owed -= piece.shape[1]
        yield piece
    # what is still inside comes out when more goes in
    silence = np.zeros((channels, 4 * gate.latency), dtype=np.float32)
    yield gate.clean(silence)[:, late : late + owed]
