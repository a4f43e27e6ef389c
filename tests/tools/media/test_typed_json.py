from dataclasses import dataclass

import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.typed_json import read_json


@dataclass(frozen=True)
class Inner:
    values: tuple[float, ...]


@dataclass(frozen=True)
class Outer:
    count: int
    inner: Inner


def test_a_value_is_read_with_lists_as_tuples() -> None:
    text = '{"count": 2, "inner": {"values": [1, 2.5]}, "of a newer version": true}'
    assert read_json(Outer, text, "it") == Outer(2, Inner((1.0, 2.5)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"count": "2", "inner": {"values": []}}', "this is not it: count: .*integer"),
        ('{"count": 2, "inner": {"values": [1, null]}}', r"this is not it: inner\.values\.1: "),
        ('{"inner": {"values": []}}', "this is not it: count: Field required"),
        ("[]", "this is not it: the whole value: "),
        ("no json", "this is not it: the whole value: Invalid JSON"),
    ],
)
def test_what_does_not_fit_is_named_by_its_field(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_json(Outer, text, "it")
