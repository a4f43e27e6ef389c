"""Measure a recording: length, loudness, peak, silence, tempo and key."""

from __future__ import annotations

import math

from controlllm_tools.audio.listening import RATE_HZ, MusicListener
from controlllm_tools.audio.silence import levels_db, silence_below_db
from controlllm_tools.media.audio_facts import AudioFacts
from controlllm_tools.media.effects import length_of
from controlllm_tools.media.mastering import true_peak_dbtp
from controlllm_tools.media.progress import stage
from controlllm_tools.media.sound import loudness_lufs, sound_blocks, sound_facts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_SURE = 0.25


class MeasureAudio(CpuTool):
    """Facts of a sound as JSON; nothing is guessed, what was not found is null."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Measure.

        Returns:
            `facts`: JSON of `AudioFacts`. `seconds`: the length.

        Raises:
            InvalidInput: The file has no sound.
        """
        path = inputs.file("audio")
        seconds = length_of(path)
        medium = sound_facts(path)
        listener, done = MusicListener(), 0
        hearing = stage(context, 0.0, 0.6)
        for block in sound_blocks(path, context, rate_hz=RATE_HZ):
            listener.add(block[0])
            done += block.shape[1]
            hearing.progress(done / RATE_HZ / seconds, "listening")
        levels = levels_db(path, stage(context, 0.6, 0.8))
        loudness, peak = loudness_lufs(path, context), true_peak_dbtp(path, context)
        facts = AudioFacts(
            seconds=round(seconds, 3),
            sample_rate_hz=medium.sample_rate_hz or RATE_HZ,
            channels=medium.channels or 1,
            loudness_lufs=_known(loudness),
            peak_dbtp=_known(peak),
            silence=round(float((levels <= silence_below_db(levels)).mean()), 3),
            tempo=listener.tempo(),
            key=listener.key(),
        )
        return {
            "facts": Output.of_json(facts.to_json(), name="audio-facts.json", caption=_said(facts)),
            "seconds": Output.of_json(facts.seconds, caption=f"{seconds:.1f} s"),
        }


def _known(value: float) -> float | None:
    return round(value, 1) if math.isfinite(value) else None


def _said(facts: AudioFacts) -> str:
    """The facts in a line."""
    parts = [f"{facts.seconds:.1f} s"]
    if facts.loudness_lufs is not None:
        parts.append(f"{facts.loudness_lufs:.1f} LUFS")
    if facts.tempo is not None and facts.tempo.confidence >= _SURE:
        parts.append(f"{facts.tempo.bpm:.0f} bpm")
    if facts.key is not None:
        parts.append(facts.key.name)
    return ", ".join([*parts, f"{facts.silence:.0%} silent"])
