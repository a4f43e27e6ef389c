"""What a call is given: typed access to its ports, a clock, and a way to stop."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from controlllm_tools.errors import Cancelled, InvalidInput, Transient
from controlllm_tools.resources import Resource, ResourceType
from controlllm_tools.tool import Inputs, Item, Output, ToolContext


def text(content: str, type_: str = "text") -> Item:
    return Item(Resource.of_text(type_, content))


def stored(path: Path) -> Item:
    resource = Resource(type=ResourceType("text"), sha256="0" * 64, size_bytes=1, mime="text/plain")
    return Item(resource, path)


def test_an_unbound_port_gives_its_default_and_is_not_in_the_inputs() -> None:
    inputs = Inputs({"a": [text("x")], "b": []})
    assert list(inputs) == ["a"]
    assert inputs.text("b", "nothing") == "nothing"
    assert inputs.number("b", 0.5) == 0.5
    assert inputs.flag("b", default=True) is True
    assert inputs.files("b") == ()


def test_numbers_and_flags_are_read_as_such() -> None:
    inputs = Inputs.of(
        n=Item(Resource.of_value("number", 3)), f=Item(Resource.of_value("b", False))
    )
    assert inputs.number("n", 0) == 3.0
    assert inputs.flag("f", default=True) is False


@pytest.mark.parametrize(
    "content", ["true", '"3"', "[3]", "null", "NaN", "Infinity", "-1e999", "1" + "0" * 400, "three"]
)
def test_what_is_no_finite_number_is_refused(content: str) -> None:
    with pytest.raises(InvalidInput, match="port 'n' wants"):
        Inputs.of(n=text(content, "number")).number("n", 0)


@pytest.mark.parametrize("content", ["1", '"true"', "null", "yes"])
def test_what_is_no_truth_value_is_refused(content: str) -> None:
    with pytest.raises(InvalidInput, match="port 'f' wants"):
        Inputs.of(f=text(content, "boolean")).flag("f", default=False)


def test_one_item_means_exactly_one() -> None:
    inputs = Inputs.of(two=[text("a"), text("b")])
    with pytest.raises(InvalidInput, match="holds 2 items"):
        inputs.one("two")
    with pytest.raises(InvalidInput, match="holds 0 items"):
        inputs.one("none")


def test_stored_text_is_read_as_utf_8_or_refused(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("Grüße", encoding="utf-8")
    assert Inputs.of(t=stored(tmp_path / "good.txt")).text("t") == "Grüße"
    (tmp_path / "bad.txt").write_bytes("Grüße".encode("latin-1"))
    with pytest.raises(InvalidInput, match="is not UTF-8 text"):
        Inputs.of(t=stored(tmp_path / "bad.txt")).text("t")


def test_a_file_port_refuses_inline_content(tmp_path: Path) -> None:
    inputs = Inputs.of(inline=text("x"), file=stored(tmp_path))
    assert inputs.file("file") == tmp_path
    with pytest.raises(InvalidInput, match="port 'inline' wants a file, got inline text"):
        inputs.file("inline")


def test_a_context_stops_on_request_and_at_its_deadline(context: ToolContext) -> None:
    context.check()
    with pytest.raises(Cancelled):
        replace(context, is_cancelled=lambda: True).check()
    late = replace(context, deadline_s=time.monotonic() - 0.1)
    assert late.remaining_s() < 0
    with pytest.raises(Transient):
        late.check()
    assert replace(context, deadline_s=time.monotonic() + 60).remaining_s() > 50


def test_an_output_of_a_wrong_kind_is_refused_where_it_is_made() -> None:
    with pytest.raises(TypeError, match="path is a Path, got str"):
        Output.of_file("a.png", name="a.png")  # type: ignore[arg-type]  # this is the point
    with pytest.raises(TypeError, match="content is text, got bytes"):
        Output.of_text(b"a")  # type: ignore[arg-type]  # this is the point
    with pytest.raises(ValueError, match="JSON"):
        Output.of_json(float("inf"))


def test_json_output_is_canonical() -> None:
    assert Output.of_json({"b": 1.0, "a": "é"}).content == '{"a":"é","b":1.0}'
