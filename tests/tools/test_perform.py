"""One call of one tool: what goes in and what comes out is checked the same way everywhere."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pytest
from PIL import Image

from controlllm_tools.card import Port, ToolCard
from controlllm_tools.errors import (
    BadOutput,
    Cancelled,
    InvalidInput,
    OutOfMemory,
    ToolFailed,
    ToolUnavailable,
    tool_error,
)
from controlllm_tools.media import folders
from controlllm_tools.perform import (
    Product,
    ToolBench,
    check_inputs,
)
from controlllm_tools.resources import (
    CAPTION_LIMIT_CHARS,
    INLINE_LIMIT_BYTES,
    NAME_LIMIT_CHARS,
    Resource,
)
from controlllm_tools.tool import CpuTool, Inputs, Item, Output, Outputs, ToolContext


@dataclass(slots=True)
class Toy(CpuTool):
    """Gives what a test puts here, and counts how often it is loaded and unloaded."""

    gives: ClassVar[object] = None
    raises: ClassVar[BaseException | None] = None
    loads: ClassVar[list[str]] = []

    def load(self, device: str) -> None:
        Toy.loads.append(f"load {device}")

    def unload(self) -> None:
        Toy.loads.append("unload")

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        del inputs, context
        if Toy.raises is not None:
            raise Toy.raises
        return Toy.gives  # type: ignore[return-value]  # tests make it give anything


def card(*outputs: Port, inputs: tuple[Port, ...] = ()) -> ToolCard:
    return ToolCard(
        name="toy", version="1", summary="Play.", inputs=inputs, outputs=outputs,
        entry_point=f"{__name__}:Toy",
    )  # fmt: skip


Perform = Callable[[Port, object], tuple[Product, ...]]


@pytest.fixture
def perform(monkeypatch: pytest.MonkeyPatch, context: ToolContext) -> Perform:
    """Let the toy, with one output port, give something."""

    def perform(port: Port, gives: object) -> tuple[Product, ...]:
        monkeypatch.setattr(Toy, "gives", gives)
        return ToolBench().perform(card(port), Inputs({}), context)

    return perform


def picture(path: Path) -> Path:
    Image.new("RGB", (8, 6), "red").save(path, format="PNG")
    return path


IMAGE, TEXT, NUMBER = (Port(name="out", type=name) for name in ("image", "text", "number"))


def test_a_file_comes_out_measured(perform: Perform, context: ToolContext) -> None:
    path = picture(context.scratch / "a.png")
    (product,) = perform(IMAGE, {"out": Output.of_file(path, caption="red")})
    assert (product.port, product.index, product.type) == ("out", 0, "image")
    assert (product.mime, product.name, product.caption) == ("image/png", "a.png", "red")
    assert (product.facts.width_px, product.facts.height_px) == (8, 6)
    assert product.text is None


def test_text_comes_out_inline_or_as_a_file_when_it_is_long(perform: Perform) -> None:
    (short,) = perform(TEXT, {"out": Output.of_text("hello")})
    assert (short.text, short.path, short.mime) == ("hello", None, "text/plain")
    long = "é" * INLINE_LIMIT_BYTES
    (product,) = perform(TEXT, {"out": Output.of_text(long)})
    assert product.text is None
    assert product.path is not None
    assert product.path.read_text(encoding="utf-8") == long


def test_a_list_comes_out_in_its_order(perform: Perform) -> None:
    gives = {"out": [Output.of_text(word) for word in "abc"]}
    products = perform(replace(TEXT, many=True), gives)
    assert [(product.index, product.text) for product in products] == [(0, "a"), (1, "b"), (2, "c")]


def test_an_optional_output_may_be_missing(perform: Perform) -> None:
    assert perform(replace(IMAGE, optional=True), {}) == ()


@pytest.mark.parametrize(
    ("port", "gives", "message"),
    [
        (TEXT, None, "returned NoneType instead of its outputs by port"),
        (TEXT, "hello", "returned str instead"),
        (TEXT, {}, "returned nothing on port 'out', which promises text"),
        (TEXT, {"out": "hello"}, "returned str on port 'out'"),
        (TEXT, {"out": ["hello"]}, "returned list on port 'out'"),
        (TEXT, {"out": []}, "returned 0 results on port 'out', it promises one"),
        (TEXT, {"out": [Output.of_text("a")] * 2}, "returned 2 results"),
        (TEXT, {"out": Output.of_text("a"), "extra": Output.of_text("b")}, "returned 'extra'"),
        (TEXT, {"out": Output()}, "holds neither a file nor text"),
        (IMAGE, {"out": Output.of_text("a red picture")}, "inline text, not a file"),
        (NUMBER, {"out": Output.of_text("many")}, "None is not a number"),
        (NUMBER, {"out": Output.of_json(True)}, "True is not a number"),
        (NUMBER, {"out": Output.of_text("NaN")}, "nan is not a number"),
        (Port(name="out", type="boolean"), {"out": Output.of_json(1)}, "1 is not true or false"),
    ],
)
def test_an_answer_that_breaks_the_card_is_caught(
    perform: Perform, port: Port, gives: object, message: str
) -> None:
    with pytest.raises(BadOutput, match=message):
        perform(port, gives)


def test_a_file_outside_scratch_a_link_and_a_missing_file_are_caught(
    perform: Perform, context: ToolContext, tmp_path: Path
) -> None:
    outside = picture(tmp_path / "outside.png")
    link = context.scratch / "link.png"
    link.symlink_to(outside)
    inner_link = context.scratch / "inner.png"
    inner_link.symlink_to(picture(context.scratch / "real.png"))
    folder = context.scratch / "folder"
    folder.symlink_to(tmp_path, target_is_directory=True)
    sneaky = context.scratch / ".." / "outside.png"
    for path in (outside, link, inner_link, folder / "outside.png", sneaky):
        with pytest.raises(BadOutput, match="outside the scratch folder"):
            perform(IMAGE, {"out": Output.of_file(path)})
    with pytest.raises(BadOutput, match="was not written"):
        perform(IMAGE, {"out": Output.of_file(context.scratch / "gone.png")})


@pytest.mark.parametrize(
    ("type_", "file", "message"),
    [
        ("image", ("a.bin", b"just words"), "holds text/plain"),
        ("image", ("a.png", b"just words"), "ends in .png but holds text/plain"),
        ("video", ("a.mp4", b""), "is empty"),
        ("text", ("a.bin", b"\x89PNG\r\n\x1a\n"), "image/png"),
        ("document.webpage", ("a.zip", b"PK\x03\x04"), "not a packed folder"),
        ("document.pdf", ("a.txt", b"words"), "holds text/plain"),
    ],
)
def test_a_file_of_another_family_is_caught(
    perform: Perform, context: ToolContext, type_: str, file: tuple[str, bytes], message: str
) -> None:
    path = context.scratch / file[0]
    path.write_bytes(file[1])
    port = Port(name="out", type=type_)
    with pytest.raises(BadOutput, match=message):
        perform(port, {"out": Output.of_file(path)})


def test_a_web_page_needs_its_first_page(perform: Perform, context: ToolContext) -> None:
    folder = context.scratch / "page"
    folder.mkdir()
    (folder / "other.html").write_text("hello")
    port = Port(name="out", type="document.webpage")
    for name in ("other.html", "index.html"):
        (folder / name).write_text("hello")
        packed = folders.pack(folder, context.scratch / f"{name}.zip")
        gives = {"out": Output.of_file(packed)}
        if name == "index.html":
            assert perform(port, gives)[0].mime == folders.FOLDER_MIME
        else:
            with pytest.raises(BadOutput, match=r"no index\.html"):
                perform(port, gives)


@pytest.mark.parametrize(
    ("raised", "kind", "message"),
    [
        (KeyError("x"), ToolFailed, "toy failed with KeyError: 'x'"),
        (RuntimeError("y" * 999), ToolFailed, "RuntimeError: y{300}$"),
        (SystemExit(2), ToolFailed, "toy failed with SystemExit: 2"),
        (MemoryError(), OutOfMemory, "toy ran out of memory"),
        (InvalidInput("too small"), InvalidInput, "^too small$"),
        (Cancelled("stopped"), Cancelled, "^stopped$"),
    ],
)
def test_whatever_a_tool_raises_comes_out_as_an_error_of_ours(
    monkeypatch: pytest.MonkeyPatch,
    context: ToolContext,
    raised: BaseException,
    kind: type[Exception],
    message: str,
) -> None:
    monkeypatch.setattr(Toy, "raises", raised)
    with pytest.raises(kind, match=message):
        ToolBench().perform(card(TEXT), Inputs({}), context)


def test_the_person_at_the_keyboard_is_never_swallowed(
    monkeypatch: pytest.MonkeyPatch, context: ToolContext
) -> None:
    monkeypatch.setattr(Toy, "raises", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        ToolBench().perform(card(TEXT), Inputs({}), context)


def test_a_tool_is_loaded_once_and_unloaded_at_the_end(
    monkeypatch: pytest.MonkeyPatch, context: ToolContext
) -> None:
    monkeypatch.setattr(Toy, "loads", [])
    monkeypatch.setattr(Toy, "gives", {"out": Output.of_text("a")})
    bench = ToolBench(device="cpu")
    for _ in range(3):
        bench.perform(card(TEXT), Inputs({}), context)
    assert Toy.loads == ["load cpu"]
    bench.close()
    assert Toy.loads == ["load cpu", "unload"]


def test_a_tool_that_is_not_there_is_unavailable(context: ToolContext) -> None:
    absent = replace(card(TEXT), entry_point="no_such_module:Toy")
    with pytest.raises(ToolUnavailable, match="no_such_module"):
        ToolBench().perform(absent, Inputs({}), context)


def item(type_: str, value: object) -> Item:
    return Item(Resource.of_value(type_, value))


IN = (
    Port(name="words", type="text"),
    Port(name="many", type="text", many=True, optional=True),
    Port(name="how", type="option", optional=True, choices=("up", "down")),
)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (Inputs({}), "wants text on port 'words', which is not bound"),
        (Inputs.of(words=item("number", 3)), "wants text on port 'words', got number; add a conv"),
        (Inputs.of(words=item("textile", "a")), "got textile"),
        (Inputs.of(words=[item("text", "a")] * 2), "takes one text on port 'words', got 2"),
        (
            Inputs.of(word=item("text", "a")),
            "has no input 'word'; its inputs are: words, many, how",
        ),
        (
            Inputs.of(words=item("text", "a"), how=item("option", "left")),
            r"port 'how' takes one of \['up', 'down'\], got 'left'",
        ),
    ],
)
def test_inputs_that_do_not_fit_are_refused_by_port(inputs: Inputs, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        check_inputs(card(TEXT, inputs=IN), inputs)


def test_inputs_that_fit_pass_refined_types_and_lists_too() -> None:
    good = Inputs.of(
        words=item("text.title", "a"),
        many=[item("text", "a"), item("text.tags", "b")],
        how=item("option", "up"),
    )
    check_inputs(card(TEXT, inputs=IN), good)


def test_an_error_keeps_its_kind_across_a_process_and_an_unknown_kind_is_final() -> None:
    for error in (InvalidInput("a"), OutOfMemory("b"), Cancelled("c")):
        back = tool_error(error.kind, error.message)
        assert (type(back), back.message) == (type(error), error.message)
    assert isinstance(tool_error("from the future", "x"), ToolFailed)


@pytest.mark.parametrize(
    ("port", "gives", "message"),
    [
        (TEXT, {"out": Output.of_text("\ud800")}, "cannot be checked: UnicodeEncodeError"),
        (NUMBER, {"out": Output.of_text("1" + "0" * 400)}, "cannot be checked: OverflowError"),
        (TEXT, {"out": Output(content="a", name=7)}, "cannot be checked"),  # type: ignore[arg-type]
    ],
)
def test_an_answer_on_which_the_checks_break_is_a_bad_one(
    perform: Perform, port: Port, gives: object, message: str
) -> None:
    with pytest.raises(BadOutput, match=f"toy made what {message}"):
        perform(port, gives)


def test_long_names_and_captions_are_cut_before_they_travel(perform: Perform) -> None:
    text = Output.of_text("a", name="n\x1b" * 10_000, caption="c" * 10_000)
    (product,) = perform(TEXT, {"out": text})
    assert len(product.name) == NAME_LIMIT_CHARS
    assert len(product.caption) == CAPTION_LIMIT_CHARS
    assert product.name.isprintable()


def test_the_text_of_a_file_keeps_its_line_endings(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\r\ntwo\r")
    stored = replace(Resource.of_text("text", "one\r\ntwo\r"), text=None)
    assert Item(stored, path).text() == "one\r\ntwo\r"
