"""JSON values that tools hand to each other, as examples that fit their schemas."""

from __future__ import annotations

from controlllm_tools.media.audio_facts import AudioFacts, Key, Tempo
from controlllm_tools.media.mood import Ensemble, Mood
from controlllm_tools.media.spans import Span, Spans
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

FACTS_AUDIO = AudioFacts(
    seconds=30.0,
    sample_rate_hz=44_100,
    channels=2,
    loudness_lufs=-18.0,
    peak_dbtp=-4.6,
    silence=0.02,
    tempo=Tempo(bpm=96.1, confidence=0.66),
    key=Key(name="D minor", confidence=0.87),
).to_json()
"""Facts of a short piece of music."""

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

SPEECH = Spans(
    spans=(
        Span(start_s=0.2, end_s=1.4, label="speech"),
        Span(start_s=1.8, end_s=4.3, label="speech"),
    )
).to_json()
"""When a voice speaks."""

SPOKEN_WORDS = Spans(
    spans=(
        Span(start_s=0.2, end_s=0.42, label="Good"),
        Span(start_s=0.42, end_s=0.81, label="morning"),
        Span(start_s=0.81, end_s=1.0, label="from"),
        Span(start_s=1.0, end_s=1.1, label="the"),
        Span(start_s=1.1, end_s=1.4, label="harbour"),
        Span(start_s=2.2, end_s=2.31, label="The"),
        Span(start_s=2.31, end_s=2.6, label="first"),
        Span(start_s=2.6, end_s=2.95, label="boats"),
        Span(start_s=2.95, end_s=3.1, label="are"),
        Span(start_s=3.1, end_s=3.48, label="leaving"),
        Span(start_s=3.48, end_s=3.8, label="now"),
    )
).to_json()
"""When each word of two sentences is spoken."""

CHAPTERS = Spans(
    spans=(
        Span(start_s=0.0, end_s=2.0, label="Good morning"),
        Span(start_s=2.0, end_s=5.0, label="The first boats"),
    )
).to_json()
"""Two titled parts of a recording."""
