"""A catalogue is read whole or not at all, and every fault has its file, line and field."""

import json
import sys
from pathlib import Path

import pytest

from controlllm_tools.errors import CatalogueError, ToolUnavailable
from controlllm_tools.registry import Registry, load_registry, load_tool

CARD = """\
version: 1
types:
  image: {description: a picture}
  image.mask: {}
tools:
  - name: trim
    version: 1.10
    summary: Cut the edges off.
    inputs:
      - {name: image, type: image}
    outputs:
      - {name: mask, type: image.mask}
"""


def load(folder: Path, text: str, name: str = "registry.yaml") -> Registry:
    (folder / name).write_text(text, encoding="utf-8")
    return load_registry(folder / name)


def faults(folder: Path, text: str) -> list[str]:
    """What is wrong with a registry, each as `line: field: message`."""
    with pytest.raises(CatalogueError) as caught:
        load(folder, text)
    assert all(problem.file.endswith(".yaml") for problem in caught.value.problems)
    return [f"{p.line}: {p.field}: {p.message}" for p in caught.value.problems]


def changed(old: str, new: str) -> str:
    assert CARD.count(old) == 1
    return CARD.replace(old, new)


def test_a_good_registry_is_read(tmp_path: Path) -> None:
    registry = load(tmp_path, CARD)
    card = registry.cards["trim"]
    assert card.outputs[0].type == "image.mask"
    assert card.version == "1.1", "an unquoted version is a number to YAML"
    assert set(registry.types) == {"image", "image.mask"}
    assert registry.files == (tmp_path / "registry.yaml",)


PORT = "{name: image, type: image}"
LINKS = "links:\n  - "

FAULTS = {
    changed("    summary: Cut the edges off.\n", ""): "6: tools[0].summary: this field is missing",
    changed(PORT, "{name: image}"): "10: tools[0].inputs[0].type: this field is missing",
    CARD + "    sumary: oh\n": "13: tools[0].sumary: no such field; see tools/README.md",
    changed("name: trim", "name: Trim it"): "6: tools[0].name: String should match pattern",
    changed(
        "type: image.mask", "type: 'a b'"
    ): "12: tools[0].outputs[0].type: 'a b' is not a type name",
    changed(PORT, "{name: image, type: imgae}"): (
        "10: tools[0].inputs[0].type: type 'imgae' is not declared; did you mean 'image'?"
    ),
    CARD + "    cost: {seconds: -1}\n": "13: tools[0].cost.seconds: Input should be greater",
    CARD + "    cost: {seconds: .nan}\n": "13: tools[0].cost.seconds: Input should be a finite",
    CARD + "    cost: {per_asked: {image: 1}}\n": (
        "13: tools[0].cost.per_asked.image: no number can be asked for on 'image'; its number inp"
    ),
    CARD + "    cost: {per_asked: {size: -1}}\n": "13: tools[0].cost.per_asked.size: Input should",
    CARD + "    needs: {packages: ['no req!']}\n": (
        "13: tools[0].needs.packages[0]: 'no req!' is nothing that pip could install"
    ),
    CARD + "    effects: maybe\n": "13: tools[0].effects: Input should be 'none', 'network' or",
    CARD + "    examples: yes please\n": "13: tools[0].examples: Input should be a valid tuple",
    CARD + "    entry_point: no_such_package.module:Tool\n": (
        "13: tools[0].entry_point: module 'no_such_package.module' does not exist"
    ),
    CARD + "    entry_point: controlllm_tools.image.edge_map:EdgeMop\n": (
        "13: tools[0].entry_point: module 'controlllm_tools.image.edge_map' defines no 'EdgeMop'"
    ),
    CARD + "    entry_point: not an entry point\n": "13: tools[0].entry_point: String should match",
    changed(PORT, "{name: image, type: image, default: 3}"): (
        "10: tools[0].inputs[0].default: a port with a default needs `optional: true`"
    ),
    changed(PORT, "{name: x, type: image, optional: true, default: a, choices: [b]}"): (
        "10: tools[0].inputs[0].default: 'a' is none of ['b']"
    ),
    changed(PORT, "{name: x, type: image, optional: true, default: [1]}"): (
        "10: tools[0].inputs[0].default: a default is text, a number, true or false"
    ),
    changed(PORT, PORT + "\n      - " + PORT): (
        "11: tools[0].inputs[1].name: two inputs are named 'image'"
    ),
    CARD + LINKS + "{from: trim, to: trimm}\n": (
        "14: links[0].to: no tool is named 'trimm'; did you mean 'trim'?"
    ),
    CARD + LINKS + "{from: trim, to: trim, weight: 0}\n": "14: links[0].weight: Input should be gr",
    changed("image.mask: {}", "image.mask: {}\n  Bad Name: {}"): (
        "5: types.Bad Name: 'Bad Name' is not a type name; use words joined by dots"
    ),
    changed("{description: a picture}", "{hue: 1}"): "3: types.image.hue: no such field",
    "version: 2\n": "1: version: Input should be 1, got '2'",
    "version: 1\ntools: [\n": "3: : did not find expected node content",
    "just words\n": "1: : fields with values are wanted here, got 'just words'",
    CARD + "tools: []\n": "13: : 'tools' stands here twice; keep one of them",
}


@pytest.mark.parametrize(("text", "expected"), FAULTS.items(), ids=FAULTS.values())
def test_a_fault_is_told_with_its_line_its_field_and_the_way_out(
    tmp_path: Path, text: str, expected: str
) -> None:
    (found,) = faults(tmp_path, text)
    assert found.startswith(expected)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = CARD + "    colour: red\n    cost: {seconds: -1}\n"
    assert [fault.split(":")[0] for fault in faults(tmp_path, text)] == ["14", "13"]


def test_many_faults_are_told_in_reasonable_time(tmp_path: Path) -> None:
    port = "{name: o, type: nothing-like-it}"
    cards = "".join(
        f"  - {{name: t{i}, version: '1', summary: s, inputs: [], outputs: [{port}]}}\n"
        for i in range(500)
    )
    found = faults(tmp_path, f"tools:\n{cards}")
    assert [fault.split(":")[0] for fault in found] == [str(line) for line in range(2, 502)]


def test_two_tools_of_one_name_are_refused_across_files(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text(CARD)
    with pytest.raises(CatalogueError) as caught:
        load(tmp_path, CARD + "include: [more.yaml]\n")
    (problem,) = caught.value.problems
    assert problem.file.endswith("more.yaml")
    assert (problem.line, problem.field) == (6, "tools[0].name")
    assert "'trim' is taken by" in problem.message
    assert problem.message.endswith("registry.yaml:6; rename one")


def test_a_missing_include_is_told_where_it_is_asked_for(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, "version: 1\ninclude:\n  - a.yaml\n")
    assert found.startswith("3: include[0]: cannot read ")
    assert found.endswith("a.yaml: No such file or directory")
    (found,) = faults(tmp_path, 'include: ["\\0"]')
    assert "null byte" in found


def test_files_that_include_each_other_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("include: [registry.yaml]\ntypes: {sound: {}}\n")
    registry = load(tmp_path, CARD + "include: [more.yaml]\n")
    assert len(registry.files) == 2
    assert "sound" in registry.types


def test_a_missing_registry_is_a_fault_of_the_catalogue(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="No such file"):
        load_registry(tmp_path / "nowhere.yaml")


def test_a_file_that_is_not_utf_8_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_bytes(b"version: 1\n# \xff\xfe\n")
    with pytest.raises(CatalogueError, match="cannot read"):
        load_registry(tmp_path / "r.yaml")


def test_json_is_accepted_and_its_faults_have_lines_too(tmp_path: Path) -> None:
    card = {"name": "t", "version": "1", "summary": "s", "inputs": [], "outputs": []}
    assert list(load(tmp_path, json.dumps({"tools": [card]}), "r.json").cards) == ["t"]
    text = json.dumps({"tools": [{**card, "colour": "red"}]}, indent=1)
    with pytest.raises(CatalogueError) as caught:
        load(tmp_path, text, "r.json")
    lines = text.splitlines()
    assert "colour" in lines[caught.value.problems[0].line - 1]
    with pytest.raises(CatalogueError, match="stands here twice"):
        load(tmp_path, '{"tools": [],\n "tools": []}', "r.json")


def test_an_empty_registry_has_no_tools(tmp_path: Path) -> None:
    assert load(tmp_path, "").cards == {}


def test_reading_imports_no_tool_and_not_even_the_package_it_lies_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "heavy_tools"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')\n")
    (package / "cut.py").write_text("class Cut: ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    registry = load(tmp_path, CARD + "    entry_point: heavy_tools.cut:Cut\n")
    assert registry.cards["trim"].entry_point == "heavy_tools.cut:Cut"
    assert not any(name.startswith("heavy_tools") for name in sys.modules)


@pytest.mark.parametrize(
    "source",
    [
        "class Cut: ...\n",
        "from elsewhere import Cut\n",
        "import elsewhere as Cut\n",
        "Cut = type('Cut', (), {})\n",
        "Cut: object = 3\n",
        "def Cut(): ...\n",
        "try:\n    import x\nexcept ImportError:\n    class Cut: ...\n",
        "if True:\n    from elsewhere import Cut\n",
        "from elsewhere import *\n",
        "def __getattr__(name): ...\n",
    ],
)
def test_every_way_to_bind_the_name_of_a_tool_is_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    module = f"own_tools_{abs(hash(source))}"
    (tmp_path / f"{module}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    load(tmp_path, CARD + f"    entry_point: {module}:Cut\n")
    (fault,) = faults(tmp_path, CARD + f"    entry_point: {module}.sub:Cut\n")
    assert "does not exist" in fault


def test_a_tool_that_lacks_something_is_listed_but_does_not_load(tmp_path: Path) -> None:
    extra = "    entry_point: nowhere.at.all:Tool\n    needs: {packages: [no-such-package-x]}\n"
    card = load(tmp_path, CARD + extra).cards["trim"]
    with pytest.raises(ToolUnavailable, match="pip install 'no-such-package-x'"):
        load_tool(card)


def test_a_tool_without_an_entry_point_can_be_planned_but_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(ToolUnavailable, match="can be planned, not run"):
        load_tool(load(tmp_path, CARD).cards["trim"])


def test_a_tool_whose_import_fails_is_unavailable_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_tools.py").write_text("import no_such_module_x\nclass Cut: ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    card = load(tmp_path, CARD + "    entry_point: broken_tools:Cut\n").cards["trim"]
    with pytest.raises(ToolUnavailable, match="No module named 'no_such_module_x'"):
        load_tool(card)
