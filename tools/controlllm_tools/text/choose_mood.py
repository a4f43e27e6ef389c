"""Choose the mood of music for a video from its measured facts; rules, not taste, and open ones.

What is seen is placed on the circumplex of affect (Russell 1980). Bright, colourful and warm
pictures please, and strong colours rouse (Valdez and Mehrabian 1994, Effects of color on
emotions); movement and cuts rouse more. Tempo then follows energy, and mode follows valence, as
listeners link them (Husain, Thompson and Schellenberg 2002); higher registers sound brighter
(Hevner 1937).

What holds by construction, the other facts being equal:

    more motion, more cuts or more colour    never lower energy and tempo
    more light, more colour or more warmth   never lower valence, nor turn major into minor
"""

from __future__ import annotations

import math

from controlllm_tools.media.mood import Ensemble, Mode, Mood
from controlllm_tools.media.video_facts import VideoFacts, read_video_facts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_BRISK_WIDTHS_A_SECOND = 0.15
_BRISK_CUTS_A_MINUTE = 15.0
_DARK, _LIGHT = 0.12, 0.62
_SLOWEST_BPM, _FASTEST_BPM = 60, 134
_MAJOR_FROM = 0.45
_DRUMS_FROM = 0.6
_CENTRE_ENERGY, _CENTRE_VALENCE, _CENTRE_RADIUS = 0.5, 0.5, 0.09

_NAMES = ("cheerful", "lively", "driving", "tense", "sombre", "wistful", "calm", "serene")
"""Around the circumplex, anticlockwise from pleasant at middle energy, an eighth each."""


class ChooseMood(CpuTool):
    """Facts of a video in, the mood of fitting music out."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Place the video on the circumplex and read the music off it.

        Returns:
            `mood`: JSON of `controlllm_tools.media.mood.Mood`.

        Raises:
            InvalidInput: The facts are not facts of a video.
        """
        context.check()
        mood = mood_of(read_video_facts(inputs.text("facts")))
        caption = f"{mood.name}, {mood.tempo_bpm} bpm, {mood.mode}"
        return {"mood": Output.of_json(mood.to_json(), name="mood.json", caption=caption)}


def mood_of(facts: VideoFacts) -> Mood:
    """The mood of music that fits a video with these facts."""
    return mood_at(energy_of(facts), valence_of(facts), _light(facts))


def mood_at(energy: float, valence: float, light: float) -> Mood:
    """The mood at a place on the circumplex.

    Args:
        energy: Arousal, from 0 to 1.
        valence: Pleasantness, from 0 to 1.
        light: Brightness that the sound should have besides, from 0 to 1.
    """
    mode: Mode = "major" if valence >= _MAJOR_FROM else "minor"
    return Mood(
        name=name_of(energy, valence),
        tempo_bpm=round(_SLOWEST_BPM + (_FASTEST_BPM - _SLOWEST_BPM) * energy),
        mode=mode,
        energy=round(energy, 3),
        valence=round(valence, 3),
        brightness=round((valence + light) / 2, 3),
        ensemble=ensemble_of(energy, mode),
    )


def energy_of(facts: VideoFacts) -> float:
    """Arousal from 0 to 1: movement most, then the rate of cuts, then strength of colour."""
    stir = 1 - math.exp(-facts.motion.speed / _BRISK_WIDTHS_A_SECOND)
    pace = 1 - math.exp(-facts.cuts_per_minute / _BRISK_CUTS_A_MINUTE)
    return 0.05 + 0.5 * stir + 0.25 * pace + 0.2 * facts.look.colourfulness


def valence_of(facts: VideoFacts) -> float:
    """Pleasantness from 0 to 1: light most, then warmth, then strength of colour."""
    warmth = (facts.look.warmth + 1) / 2
    return 0.5 * _light(facts) + 0.3 * warmth + 0.2 * facts.look.colourfulness


def name_of(energy: float, valence: float) -> str:
    """The word for a place on the circumplex."""
    up, right = energy - _CENTRE_ENERGY, valence - _CENTRE_VALENCE
    if math.hypot(up, right) < _CENTRE_RADIUS:
        return "easy-going"
    eighth = round(math.degrees(math.atan2(up, right)) / 45) % 8
    return _NAMES[eighth]


def ensemble_of(energy: float, mode: Mode) -> Ensemble:
    """Instruments that suit an energy and a mode."""
    drums = energy >= _DRUMS_FROM
    if mode == "major":
        if drums:
            return Ensemble(lead="piano", chords="strings", figure="guitar",
                            bass="electric bass", drums=True)  # fmt: skip
        if energy >= 0.35:
            return Ensemble(lead="flute", chords="strings", figure="harp",
                            bass="double bass", drums=False)  # fmt: skip
        return Ensemble(lead="vibraphone", chords="warm pad", figure="electric piano",
                        bass="double bass", drums=False)  # fmt: skip
    if drums:
        return Ensemble(lead="violin", chords="horns", figure="marimba",
                        bass="electric bass", drums=True)  # fmt: skip
    if energy >= 0.35:
        return Ensemble(lead="oboe", chords="strings", figure="piano",
                        bass="cello", drums=False)  # fmt: skip
    return Ensemble(lead="clarinet", chords="warm pad", figure="piano",
                    bass="cello", drums=False)  # fmt: skip


def _light(facts: VideoFacts) -> float:
    """Brightness of the picture, stretched to the range that films use."""
    return min(1.0, max(0.0, (facts.look.brightness - _DARK) / (_LIGHT - _DARK)))
