"""JSON values that tools hand to each other, as examples that fit their schemas."""

from __future__ import annotations

from controlllm_tools.media.mood import Ensemble, Mood
from controlllm_tools.media.video_facts import Look, Motion, SeenText, Sound, Swatch, VideoFacts

FACTS_VIDEO = VideoFacts(
    seconds=6.0,
    width_px=640,
    height_px=360,
    fps=25.0,
    motion=Motion(speed=0.014, peak=0.02, moving=0.36, drift_x=0.001, drift_y=-0.006),
    look=Look(
        brightness=0.47,
        contrast=0.28,
        colourfulness=0.43,
        warmth=0.08,
        palette=(
            Swatch(name="blue", rgb="#5c7594", share=0.41),
            Swatch(name="orange", rgb="#e0a36a", share=0.34),
            Swatch(name="dark blue", rgb="#2c3560", share=0.25),
        ),
    ),
    cuts=0,
    cuts_per_minute=0.0,
    texts=(SeenText(text="HARBOUR AT DAWN", at_s=0.48, confidence=0.99),),
    faces=0,
    key_frames_s=(0.48, 2.16, 3.84, 5.52),
    sound=Sound(loudness_lufs=-20.4, silence=0.23),
).to_json()
"""Facts of a calm clip with words on the screen and a voice."""

MOOD = Mood(
    name="calm",
    tempo_bpm=76,
    mode="major",
    energy=0.22,
    valence=0.6,
    brightness=0.6,
    ensemble=Ensemble(
        lead="vibraphone",
        chords="warm pad",
        figure="electric piano",
        bass="double bass",
        drums=False,
    ),
).to_json()
"""A mood for the same clip."""
