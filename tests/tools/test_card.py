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


def test_a_video_costs_by_its_length_and_by_the_size_of_its_frames() -> None:
    cost = Cost(seconds=1.0, per_second=0.1, per_megapixel_second=0.5)
    large = MediaFacts(width_px=2_000, height_px=1_000, duration_s=10.0)
    assert cost.seconds_for((large,)) == pytest.approx(1 + 1 + 10)
    assert cost.seconds_for((replace(large, duration_s=None),)) == 1.0


def test_every_item_of_a_list_counts() -> None:
    cost = Cost(seconds=1.0, per_second=0.5, per_megapixel=1.0)
    clips = (MediaFacts(duration_s=4.0), MediaFacts(duration_s=6.0))
    pictures = tuple(MediaFacts(width_px=1_000, height_px=500) for _ in range(3))
    assert cost.seconds_for(clips) == pytest.approx(1 + 2 + 3)
    assert cost.seconds_for(pictures) == pytest.approx(1 + 3 * 0.5)


def test_what_is_asked_for_costs_by_the_unit_and_counts_with_its_default() -> None:
    asking = replace(
        CARD,
        inputs=(*CARD.inputs, Port(name="seconds", type="number", optional=True, default=30)),
        cost=Cost(seconds=1.0, per_asked={"seconds": 0.1}),
    )
    assert asking.seconds_for(()) == pytest.approx(1 + 3)
    assert asking.seconds_for((), asked={"seconds": 300.0, "gain_db": 9.0}) == pytest.approx(1 + 30)
    assert asking.seconds_for((), asked={"seconds": -300.0}) == 1.0, "time never runs back"
    assert asking.cost.seconds_for(()) == 1.0, "the cost alone knows no defaults"
    without = replace(asking, inputs=CARD.inputs)
    assert without.seconds_for(()) == 1.0, "a port without a default asks for nothing"


def test_costs_with_something_asked_can_still_be_hashed_and_compared() -> None:
    one, same = (Cost(per_asked={"seconds": 0.1}) for _ in range(2))
    assert one == same
    assert hash(one) == hash(same)
    assert one != Cost(per_asked={"seconds": 0.2})
    assert replace(CARD, cost=one).card_hash != CARD.card_hash
