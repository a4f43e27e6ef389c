"""Compose and play instrumental music for a mood."""

from __future__ import annotations

from controlllm_tools.audio.composition import compose
from controlllm_tools.audio.rendering import render, write_midi
from controlllm_tools.audio.sampler import RATE_HZ, Sampler
from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.mastering import Level, master
from controlllm_tools.media.mood import read_mood
from controlllm_tools.media.progress import stage
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

DEFAULT_S = 30.0
_SHORTEST_S, _LONGEST_S = 1.0, 3_600.0
_LEVEL = Level(lufs=-18.0, peak_dbtp=-1.2)


class ComposeMusic(CpuTool):
    """Algorithmic composition, played with a General MIDI sound font."""

    def load(self, device: str) -> None:
        """Open the sound font."""
        CpuTool.load(self, device)
        self._sampler = Sampler()

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Compose, play and bring to -18 LUFS.

        Returns:
            `music`: FLAC, 44.1 kHz, stereo, of exactly the asked length.

        Raises:
            InvalidInput: The mood is none, or the length is out of range.
        """
        import soundfile

        mood = read_mood(inputs.text("mood"))
        seconds = inputs.number("seconds", DEFAULT_S)
        if not _SHORTEST_S <= seconds <= _LONGEST_S:
            msg = (
                f"music of {seconds:g} s cannot be composed; "
                f"ask for {_SHORTEST_S:g} to {_LONGEST_S:g} s"
            )
            raise InvalidInput(msg)
        piece = compose(mood, seconds, context.seed)
        write_midi(piece, context.scratch / "music.mid")
        raw = context.scratch / "raw.wav"
        done = 0
        with soundfile.SoundFile(raw, "w", RATE_HZ, 2, subtype="FLOAT") as out:
            for block in render(piece, self._sampler):
                context.check()
                out.write(block.T)
                done += block.shape[1]
                context.progress(0.7 * done / RATE_HZ / seconds, "playing")
        self._sampler.forget()
        target = context.scratch / "music.flac"
        master(raw, target, _LEVEL, stage(context, 0.7, 1.0))
        raw.unlink()
        caption = f"{mood.name} music in {piece.key}, {piece.tempo_bpm} bpm, {seconds:g} s"
        return {"music": Output.of_file(target, name="music.flac", caption=caption)}
