"""Types are a tree, resources are values."""

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlllm_tools.resources import (
    INLINE_LIMIT_BYTES,
    MediaFacts,
    Resource,
    ResourceType,
    canonical_json,
    digest_of,
)

WORD = st.from_regex(r"[a-z][a-z0-9_-]{0,5}", fullmatch=True)
TYPE = st.lists(WORD, min_size=1, max_size=4).map(".".join).map(ResourceType)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner),
    max_leaves=5,
)  # fmt: skip


@given(TYPE)
def test_a_type_accepts_itself_at_no_distance(type_: ResourceType) -> None:
    assert type_.accepts(type_)
    assert type_.distance(type_) == 0


@given(TYPE, TYPE)
def test_accepting_each_other_means_being_equal(a: ResourceType, b: ResourceType) -> None:
    assert (a.accepts(b) and b.accepts(a)) == (a == b)


@given(TYPE, WORD, WORD)
def test_accepting_goes_down_the_tree_and_distances_add(
    top: ResourceType, first: str, second: str
) -> None:
    middle, leaf = ResourceType(f"{top}.{first}"), ResourceType(f"{top}.{first}.{second}")
    assert top.accepts(middle)
    assert middle.accepts(leaf)
    assert top.accepts(leaf)
    assert not leaf.accepts(top)
    assert top.distance(leaf) == top.distance(middle) + middle.distance(leaf) == 2
    assert leaf.distance(top) == -1


@given(TYPE)
def test_ancestors_are_exactly_what_accepts_a_type(type_: ResourceType) -> None:
    above = type_.ancestors()
    assert above[0] == type_
    assert above[-1] == type_.root
    assert all(each.accepts(type_) for each in above)
    assert [type_.count(".") - each.count(".") for each in above] == list(range(len(above)))


def test_a_longer_word_is_no_refinement() -> None:
    assert not ResourceType("image").accepts("imagery")
    assert not ResourceType("text").accepts("textile.wool")


@pytest.mark.parametrize("name", ["", ".", "a.", ".a", "a..b", "1a", "a b", "a.b!", "ä", "a\n"])
def test_a_name_that_is_no_type_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a type name"):
        ResourceType(name)


def test_text_travels_inline_with_its_digest() -> None:
    resource = Resource.of_text("text.title", "Caffè", name="title.txt")
    assert resource.text == resource.value == "Caffè"
    assert resource.sha256 == hashlib.sha256("Caffè".encode()).hexdigest()
    assert resource.size_bytes == 6
    assert resource.handle == f"text:{resource.sha256[:12]}"


@pytest.mark.parametrize("value", [0.5, True, None, [1, "a"], {"b": 1, "a": [None]}])
def test_values_travel_as_canonical_json(value: object) -> None:
    resource = Resource.of_value("facts", value)
    assert resource.mime == "application/json"
    assert resource.value == value
    assert json.loads(resource.text or "") == value


def test_text_over_the_inline_limit_is_refused_by_its_bytes() -> None:
    Resource.of_text("text", "x" * INLINE_LIMIT_BYTES)
    with pytest.raises(ValueError, match="store it as a file"):
        Resource.of_text("text", "ä" * (INLINE_LIMIT_BYTES // 2 + 1))


def test_a_stored_resource_has_no_inline_value() -> None:
    resource = Resource(type=ResourceType("image"), sha256="0" * 64, size_bytes=1, mime="image/png")
    with pytest.raises(ValueError, match="is a file"):
        _ = resource.value


def test_a_resource_survives_the_wire_and_facts_of_a_newer_version_are_dropped() -> None:
    resource = Resource(
        type=ResourceType("video.clip"),
        sha256="ab" * 32,
        size_bytes=9,
        mime="video/mp4",
        name="a.mp4",
        facts=MediaFacts(width_px=4, height_px=2, duration_s=1.5, channels=0),
        caption="a clip",
    )
    assert Resource.from_json(json.loads(json.dumps(resource.to_json()))) == resource
    newer = resource.to_json() | {"facts": {"width_px": 4, "smell": 7}}
    assert Resource.from_json(newer).facts == MediaFacts(width_px=4)


def test_facts_read_as_a_person_would_say_them() -> None:
    facts = MediaFacts(width_px=640, height_px=360, duration_s=6.04, sample_rate_hz=44_100, pages=2)
    assert str(facts) == "640x360 px, 6.0 s, 44100 Hz, 2 pages"
    assert str(MediaFacts()) == ""


@settings(max_examples=50)
@given(st.dictionaries(st.text("abc"), JSON, max_size=4))
def test_equal_values_have_one_digest_whatever_their_order(value: dict[str, object]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical_json(turned) == canonical_json(value)
    assert digest_of(turned) == digest_of(value)


def test_what_has_no_json_form_has_no_digest() -> None:
    with pytest.raises(ValueError, match="JSON"):
        digest_of(float("nan"))
