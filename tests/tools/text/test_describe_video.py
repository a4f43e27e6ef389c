from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.video_facts import (
    Look,
    Motion,
    SeenText,
    Sound,
    Swatch,
    VideoFacts,
    read_video_facts,
)
from controlllm_tools.perform import Product, ToolBench
from controlllm_tools.registry import load_registry
from controlllm_tools.resources import Resource, canonical_json
from controlllm_tools.samples.values import FACTS_VIDEO
from controlllm_tools.text.describe_video import describe
from controlllm_tools.tool import Inputs, Item, ToolContext

REGISTRY = Path(__file__).parents[3] / "registry.yaml"
CLIP = read_video_facts(canonical_json(FACTS_VIDEO))


def motion(speed: float, **changes: float) -> Motion:
    values = {"speed": speed, "peak": speed, "moving": 0.9, "drift_x": 0.0, "drift_y": 0.0}
    return Motion(**(values | changes))


def test_a_clip_is_described_like_this() -> None:
    assert describe(CLIP) == (
        "This landscape video lasts 6 seconds and runs without a cut. "
        "About 35 % of the picture moves, gently. "
        "It is evenly lit, with moderate contrast and natural, warm colours: "
        "mostly blue, orange and dark blue. "
        "Words on screen read “HARBOUR AT DAWN”. "
        "The sound is of usual loudness, with silence for 23 % of the time."
    )


def test_nothing_is_said_of_what_is_not_there() -> None:
    bare = describe(replace(CLIP, texts=(), faces=0, sound=None))
    assert "screen" not in bare
    assert "face" not in bare
    assert bare.endswith("There is no sound.")


@pytest.mark.parametrize(
    ("seconds", "cuts", "words"),
    [
        (6.0, 0, "lasts 6 seconds and runs without a cut."),
        (62.0, 1, "lasts 62 seconds and has one cut."),
        (90.0, 8, "lasts 90 seconds and has eight cuts, so that a shot lasts 10 seconds on"),
        (125.0, 30, "lasts 2 minutes and 5 seconds and has 30 cuts, so that a shot lasts 4 s"),
        (1.0, 0, "lasts 1 second and"),
    ],
)
def test_length_and_cuts_are_told_in_words(seconds: float, cuts: int, words: str) -> None:
    assert words in describe(replace(CLIP, seconds=seconds, cuts=cuts))


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        (motion(0.0), "The picture stands almost still."),
        (motion(0.1, drift_x=-0.09), "The whole picture moves to the left, briskly."),
        (motion(0.05, drift_y=0.05), "The whole picture moves downwards, at an easy pace."),
        (motion(0.4), "Nearly everything in the picture moves, fast."),
        (motion(0.01, moving=0.05), "Only small parts of the picture move."),
        (motion(0.03, peak=0.5), "with moments that are much livelier."),
    ],
)
def test_movement_is_told_by_what_moves_and_how_fast(measured: Motion, words: str) -> None:
    assert words in describe(replace(CLIP, motion=measured))


def test_light_and_colours_are_told() -> None:
    night = Look(
        brightness=0.1, contrast=0.7, colourfulness=0.02, warmth=0.0,
        palette=(Swatch(name="black", rgb="#000000", share=0.97),
                 Swatch(name="red", rgb="#ff0000", share=0.03)),
    )  # fmt: skip
    assert "It is dark, with strong contrast and hardly any colour: mostly black." in describe(
        replace(CLIP, look=night)
    )


def test_faces_and_many_lines_are_counted() -> None:
    lines = tuple(SeenText(text=f"line {n}", at_s=1, confidence=0.95) for n in range(5))
    told = describe(replace(CLIP, texts=lines, faces=2))
    assert "“line 0”, “line 1” and “line 2”, and two more lines; two faces at once" in told


@pytest.mark.parametrize(
    ("sound", "words"),
    [
        (Sound(loudness_lufs=None, silence=1.0), "nothing can be heard on it"),
        (Sound(loudness_lufs=-12.0, silence=0.0), "The sound is loud and goes on without a pause."),
        (Sound(loudness_lufs=-35.0, silence=0.5), "very quiet, with silence for 50 %"),
    ],
)
def test_sound_is_told_by_level_and_silence(sound: Sound, words: str) -> None:
    assert words in describe(replace(CLIP, sound=sound))


@given(st.text(min_size=1, max_size=200))
def test_words_from_the_picture_stay_inside_one_short_quotation(text: str) -> None:
    told = describe(replace(CLIP, texts=(SeenText(text=text, at_s=0, confidence=1),)))
    assert told.count("“") == told.count("”") == 1
    quoted = told[told.index("“") + 1 : told.index("”")]
    assert len(quoted) <= 60
    assert told.isprintable()


@given(st.floats(0.1, 20_000), st.integers(0, 5_000), st.integers(1, 4_000), st.integers(1, 4_000))
def test_a_description_has_two_to_five_sentences(
    seconds: float, cuts: int, width: int, height: int
) -> None:
    facts: VideoFacts = replace(
        CLIP, seconds=seconds, cuts=cuts, width_px=width, height_px=height, texts=()
    )
    assert 2 <= describe(facts).replace("0.", "0,").count(". ") + 1 <= 5


@pytest.fixture
def perform(tmp_path: Path) -> Callable[[object], tuple[Product, ...]]:
    card = load_registry(REGISTRY).cards["describe_video"]

    def call(value: object) -> tuple[Product, ...]:
        item = Item(Resource.of_value("facts.video", value))
        return ToolBench().perform(card, Inputs.of(facts=item), ToolContext(scratch=tmp_path))

    return call


def test_the_tool_gives_the_description(perform: Callable[..., tuple[Product, ...]]) -> None:
    (product,) = perform(FACTS_VIDEO)
    assert product.text == describe(CLIP)
    assert product.type == "text.description"


def test_facts_that_are_none_are_refused(perform: Callable[..., tuple[Product, ...]]) -> None:
    with pytest.raises(InvalidInput, match="this is not a list of video facts: seconds"):
        perform({"a": 1})
