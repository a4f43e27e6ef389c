from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.mood import read_mood
from controlllm_tools.media.video_facts import Look, Motion, VideoFacts
from controlllm_tools.perform import Product, ToolBench
from controlllm_tools.registry import load_registry
from controlllm_tools.resources import Resource
from controlllm_tools.samples.values import FACTS_VIDEO
from controlllm_tools.text.choose_mood import mood_of, name_of
from controlllm_tools.tool import Inputs, Item, ToolContext

REGISTRY = Path(__file__).parents[3] / "registry.yaml"

shares = st.floats(0, 1)
facts = st.builds(
    VideoFacts,
    seconds=st.just(10.0),
    width_px=st.just(640),
    height_px=st.just(360),
    fps=st.just(25.0),
    motion=st.builds(
        Motion,
        speed=st.floats(0, 3),
        peak=st.floats(0, 3),
        moving=shares,
        drift_x=st.just(0.0),
        drift_y=st.just(0.0),
    ),
    look=st.builds(
        Look,
        brightness=shares,
        contrast=shares,
        colourfulness=shares,
        warmth=st.floats(-1, 1),
        palette=st.just(()),
    ),
    cuts=st.just(0),
    cuts_per_minute=st.floats(0, 200),
)


@given(facts)
def test_every_video_has_a_mood_that_music_can_be_made_from(video: VideoFacts) -> None:
    mood = mood_of(video)
    assert read_mood(Resource.of_value("mood", mood.to_json()).text or "") == mood
    assert 60 <= mood.tempo_bpm <= 134


@given(facts, st.floats(0, 3), st.floats(0, 200))
def test_more_motion_and_more_cuts_never_calm_the_music(
    video: VideoFacts, speed: float, cuts: float
) -> None:
    faster = replace(video, motion=replace(video.motion, speed=video.motion.speed + speed))
    busier = replace(video, cuts_per_minute=video.cuts_per_minute + cuts)
    for livelier in (faster, busier):
        assert mood_of(livelier).tempo_bpm >= mood_of(video).tempo_bpm
        assert mood_of(livelier).energy >= mood_of(video).energy
        assert mood_of(livelier).valence == mood_of(video).valence


@given(facts, shares, st.sampled_from(["brightness", "warmth", "colourfulness"]))
def test_more_light_warmth_or_colour_never_saddens_the_music(
    video: VideoFacts, more: float, field: str
) -> None:
    raised = min(1.0, getattr(video.look, field) + more)
    gladder = mood_of(replace(video, look=replace(video.look, **{field: raised})))
    mood = mood_of(video)
    assert gladder.valence >= mood.valence
    assert gladder.brightness >= mood.brightness
    assert (gladder.mode, mood.mode) != ("minor", "major")


def with_look(brightness: float, warmth: float, colourfulness: float, speed: float) -> VideoFacts:
    look = Look(
        brightness=brightness, contrast=0.4, colourfulness=colourfulness, warmth=warmth, palette=()
    )
    motion = Motion(speed=speed, peak=speed, moving=0.5, drift_x=0, drift_y=0)
    return VideoFacts(
        seconds=9, width_px=2, height_px=2, fps=25, motion=motion, look=look, cuts=0,
        cuts_per_minute=0,
    )  # fmt: skip


def test_a_dark_cold_still_video_is_slow_and_minor_and_a_bright_warm_busy_one_is_not() -> None:
    night = mood_of(with_look(0.1, -0.3, 0.1, 0.0))
    party = mood_of(with_look(0.6, 0.3, 0.8, 0.6))
    assert (night.mode, night.name, night.ensemble.drums) == ("minor", "wistful", False)
    assert (party.mode, party.name, party.ensemble.drums) == ("major", "lively", True)
    assert night.tempo_bpm < 75
    assert party.tempo_bpm > 105


@pytest.mark.parametrize(
    ("energy", "valence", "name"),
    [
        (0.5, 1.0, "cheerful"),
        (0.9, 0.9, "lively"),
        (1.0, 0.5, "driving"),
        (0.9, 0.1, "tense"),
        (0.5, 0.0, "sombre"),
        (0.1, 0.1, "wistful"),
        (0.0, 0.5, "calm"),
        (0.1, 0.9, "serene"),
        (0.52, 0.48, "easy-going"),
    ],
)
def test_names_go_round_the_circumplex(energy: float, valence: float, name: str) -> None:
    assert name_of(energy, valence) == name


@pytest.fixture
def perform(tmp_path: Path) -> Callable[[object], tuple[Product, ...]]:
    card = load_registry(REGISTRY).cards["choose_mood"]

    def call(value: object) -> tuple[Product, ...]:
        item = Item(Resource.of_value("facts.video", value))
        return ToolBench().perform(card, Inputs.of(facts=item), ToolContext(scratch=tmp_path))

    return call


def test_the_tool_gives_the_mood_as_json(perform: Callable[..., tuple[Product, ...]]) -> None:
    (product,) = perform(FACTS_VIDEO)
    mood = read_mood(product.text or "")
    assert product.type == "mood"
    assert product.caption == f"{mood.name}, {mood.tempo_bpm} bpm, {mood.mode}"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seconds": "long"}, "seconds: .*number"),
        ({"look": {}}, "look.brightness: Field required"),
        ({"cuts": -1}, "cuts: .*greater than or equal to 0"),
    ],
)
def test_facts_that_are_none_are_refused_by_their_field(
    perform: Callable[..., tuple[Product, ...]], changes: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        perform(FACTS_VIDEO | changes)
