"""Show a table as Markdown, or on a web page in one file."""

from __future__ import annotations

from html import escape

from controlllm_tools.document.markdown_to_html import plain_page
from controlllm_tools.document.page_parts import LONGEST_TITLE, one_line
from controlllm_tools.media.tables import Table
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext


class TableToMarkdown(CpuTool):
    """A table in the form of GitHub Flavored Markdown; columns of numbers stand to the right."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Convert.

        Returns:
            `markdown`: one line a row, cells padded so that it also reads well as text.

        Raises:
            InvalidInput: The table is empty or broken.
        """
        context.check()
        table = Table.from_csv(inputs.text("table"))
        numeric = [table.numbers(index) is not None for index in range(len(table.header))]
        rows = [[_cell(cell) for cell in row] for row in (table.header, *table.rows)]
        widths = [max(3, *(len(row[index]) for row in rows)) for index in range(len(rows[0]))]
        context.check()
        rule = ["-" * (w - 1) + ":" if n else "-" * w for w, n in zip(widths, numeric, strict=True)]
        lines = [
            "| "
            + " | ".join(
                cell.rjust(width) if right else cell.ljust(width)
                for cell, width, right in zip(row, widths, numeric, strict=True)
            )
            + " |"
            for row in (rows[0], rule, *rows[1:])
        ]
        text = "\n".join(lines) + "\n"
        caption = f"{len(table.rows)} rows, {len(table.header)} columns"
        return {"markdown": Output.of_text(text, name="table.md", caption=caption)}


class TableToHtml(CpuTool):
    """A page with one table, without scripts; every cell is escaped."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Convert.

        Returns:
            `html`: a whole page.

        Raises:
            InvalidInput: The table is empty or broken.
        """
        context.check()
        table = Table.from_csv(inputs.text("table"))
        title = one_line(inputs.text("title"), LONGEST_TITLE)
        numeric = [table.numbers(index) is not None for index in range(len(table.header))]
        marks = [' class="number"' if each else "" for each in numeric]
        head = _row("th", table.header, marks)
        body = "".join(_row("td", row, marks) for row in table.rows)
        heading = f"<h1>{escape(title)}</h1>\n" if title else ""
        html = plain_page(
            title or "Table",
            f"{heading}<table>\n<thead>\n{head}</thead>\n<tbody>\n{body}</tbody>\n</table>\n",
        )
        caption = f"page with {len(table.rows)} rows"
        return {"html": Output.of_text(html, name="table.html", caption=caption)}


def _row(tag: str, cells: tuple[str, ...], marks: list[str]) -> str:
    pairs = zip(cells, marks, strict=True)
    inside = "".join(f"<{tag}{mark}>{escape(one_line(cell))}</{tag}>" for cell, mark in pairs)
    return f"<tr>{inside}</tr>\n"


def _cell(cell: str) -> str:
    return one_line(cell).replace("\\", "\\\\").replace("|", "\\|")
