"""The tool graph as a picture: Mermaid text, or an SVG in layers."""

from __future__ import annotations

from html import escape

import networkx as nx

from controlllm_planner.tool_graph import ToolGraph

_COLUMN_PX, _ROW_PX, _MARGIN_PX = 240, 34, 30
_BOX_PX = (180, 24)
_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1c2733; }
.type rect { fill: #e8f1fb; stroke: #5a8fc7; }
.tool rect { fill: #fdf3e1; stroke: #c79a4b; }
path { fill: none; stroke: #9aa7b4; stroke-width: 1; }
path.optional { stroke-dasharray: 3 3; }
@media (prefers-color-scheme: dark) {
  svg { background: #14191f; } text { fill: #e6edf3; }
  .type rect { fill: #16273a; } .tool rect { fill: #33270f; }
}
"""


def to_mermaid(graph: ToolGraph) -> str:
    """A Mermaid flowchart: types as rounded boxes, tools as boxes."""
    drawn = graph.networkx()
    lines = ["flowchart LR"]
    names = {node: f"n{number}" for number, node in enumerate(drawn)}
    for node, data in drawn.nodes(data=True):
        label = data["label"].replace('"', "'")
        box = f'(["{label}"])' if data["kind"] == "type" else f'["{label}"]'
        lines.append(f"  {names[node]}{box}")
    for source, target, data in drawn.edges(data=True):
        arrow = "-->" if data["kind"] in {"takes", "makes"} else "-.->"
        lines.append(f"  {names[source]} {arrow} {names[target]}")
    return "\n".join(lines) + "\n"


def to_svg(graph: ToolGraph) -> str:
    """An SVG with the nodes in columns by their distance from the types nothing makes."""
    drawn = graph.networkx()
    places = _places(drawn)
    width = max((x for x, _ in places.values()), default=0) + _BOX_PX[0] + _MARGIN_PX
    height = max((y for _, y in places.values()), default=0) + _BOX_PX[1] + _MARGIN_PX
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img">',
        "<title>Tool graph</title>",
        f"<style>{_STYLE}</style>",
    ]
    for source, target, data in drawn.edges(data=True):
        parts.append(_edge(places[source], places[target], data["kind"]))
    for node, data in drawn.nodes(data=True):
        parts.append(_node(places[node], data["kind"], data["label"]))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _places(drawn: nx.DiGraph[str]) -> dict[str, tuple[int, int]]:
    """Left upper corner of each node; a loop of nodes stands in one pair of columns."""
    layers: dict[int, list[str]] = {}
    for node, layer in sorted(_layers(drawn).items()):
        layers.setdefault(layer, []).append(node)
    return {
        node: (_MARGIN_PX + layer * _COLUMN_PX, _MARGIN_PX + row * _ROW_PX)
        for layer, nodes in layers.items()
        for row, node in enumerate(nodes)
    }


def _layers(drawn: nx.DiGraph[str]) -> dict[str, int]:
    loops = nx.condensation(drawn)
    layers: dict[str, int] = {}
    for number, generation in enumerate(nx.topological_generations(loops)):
        for loop in generation:
            for node in loops.nodes[loop]["members"]:
                layers[node] = 2 * number + (1 if node.startswith("tool:") else 0)
    return layers


def _edge(source: tuple[int, int], target: tuple[int, int], kind: str) -> str:
    x1, y1 = source[0] + _BOX_PX[0], source[1] + _BOX_PX[1] // 2
    x2, y2 = target[0], target[1] + _BOX_PX[1] // 2
    bend = max(40, abs(x2 - x1) // 2)
    dashed = "" if kind in {"takes", "makes"} else ' class="optional"'
    return f'<path{dashed} d="M{x1},{y1} C{x1 + bend},{y1} {x2 - bend},{y2} {x2},{y2}"/>'


def _node(place: tuple[int, int], kind: str, label: str) -> str:
    x, y = place
    width, height = _BOX_PX
    radius = 12 if kind == "type" else 3
    return (
        f'<g class="{kind}"><rect x="{x}" y="{y}" width="{width}" height="{height}" '
        f'rx="{radius}"/><text x="{x + width // 2}" y="{y + 16}" text-anchor="middle">'
        f"{escape(label)}</text></g>"
    )
