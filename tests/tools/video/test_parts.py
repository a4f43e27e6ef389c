from pathlib import Path

import pytest

from controlllm_tools.errors import ToolFailed
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.parts import item, made_by


class Writes(CpuTool):
    """Copies what it is given to a file, and says on another port that it did."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        path = context.scratch / "copy.txt"
        path.write_bytes(inputs.file("source").read_bytes())
        return {"copy": Output.of_file(path), "said": Output.of_text("copied")}


def test_a_tool_hands_its_file_on(context: ToolContext, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("sea")
    given = Inputs.of(source=item(tmp_path / "a.txt", "text"))
    assert made_by(Writes(), "copy", given, context).read_text() == "sea"


@pytest.mark.parametrize("port", ["said", "nothing"])
def test_a_tool_that_makes_no_file_on_a_port_is_at_fault(
    context: ToolContext, tmp_path: Path, port: str
) -> None:
    (tmp_path / "a.txt").write_text("sea")
    given = Inputs.of(source=item(tmp_path / "a.txt", "text"))
    with pytest.raises(ToolFailed, match=f"Writes made no file on '{port}'"):
        made_by(Writes(), port, given, context)
