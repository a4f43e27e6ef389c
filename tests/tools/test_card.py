"""A card is a frozen value; its hash is its content."""

import json
from dataclasses import FrozenInstanceError, replace

import pytest

from controlllm_tools.card import Cost, Needs, Port, ToolCard
from controlllm_tools.resources import MediaFacts, digest_of

CARD = ToolCard(
    name="dub",
    version="1",
    summary="Put sound under a video.",
    inputs=(
        Port(name="video", type="video"),
        Port(name="audio", type="audio"),
        Port(name="gain_db", type="number", optional=True, default=-12.0),
    ),
    outputs=(Port(name="video", type="video"),),
    needs=Needs(packages=("av>=18",)),
)


def test_equal_cards_have_equal_hashes_and_any_change_shows() -> None:
    assert replace(CARD).card_hash == CARD.card_hash
    changed = [
        replace(CARD, version="2"),
        replace(CARD, summary="Put a sound under a video."),
        replace(CARD, deterministic=True),
        replace(CARD, inputs=CARD.inputs[:2]),
        replace(CARD, inputs=CARD.inputs[::-1]),
        replace(CARD, cost=Cost(seconds=2.0)),
    ]
    assert len({card.card_hash for card in [CARD, *changed]}) == len(changed) + 1


def test_the_hash_is_the_digest_of_the_json_form() -> None:
    assert CARD.card_hash == digest_of(json.loads(json.dumps(CARD.to_json())))


def test_a_card_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        CARD.name = "other"  # type: ignore[misc]  # this is the point


def test_ports_are_found_by_name_on_their_side() -> None:
    assert CARD.input("gain_db") == CARD.inputs[2]
    assert CARD.output("gain_db") is None
    assert [port.name for port in CARD.required_inputs] == ["video", "audio"]
    assert CARD.inputs[0].resource_type.accepts("video.clip")


def test_expected_seconds_grow_with_what_goes_in() -> None:
    cost = Cost(seconds=1.0, per_second=0.5, per_megapixel=2.0, per_page=3.0, per_kilochar=4.0)
    facts = (
        MediaFacts(duration_s=10.0, channels=2),
        MediaFacts(width_px=1_000, height_px=500),
        MediaFacts(pages=2),
    )
    assert cost.seconds_for(facts, characters=500) == pytest.approx(1 + 5 + 1 + 6 + 2)
    assert cost.seconds_for(()) == 1.0
