"""The columns in LangGraph with its SQLite checkpointer; run by an interpreter that has both.

One node a step, one channel a column. LangGraph runs row by row (a superstep each) and, with
`durability="sync"`, has every row on disk before the next one begins.
"""

import argparse
import json
import operator
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

State = dict[str, int]


def add_one(channel: str) -> Callable[[State], State]:
    """The work of a step, as `add_one.py` does it."""
    return lambda _state: {channel: 1}


def build(wide: int, deep: int, saver: SqliteSaver) -> CompiledStateGraph:
    """The graph, compiled; every channel sums what its steps add."""
    channels = {f"c{column}": Annotated[int, operator.add] for column in range(wide)}
    graph = StateGraph(TypedDict("Columns", channels))
    for column in range(wide):
        before = START
        for row in range(deep):
            name = f"c{column}r{row}"
            graph.add_node(name, add_one(f"c{column}"))
            graph.add_edge(before, name)
            before = name
        graph.add_edge(before, END)
    return graph.compile(checkpointer=saver)


def main() -> None:
    """Time some runs and print them as JSON."""
    parser = argparse.ArgumentParser()
    for name in ("wide", "deep", "runs"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    connection = sqlite3.connect(options.folder / "langgraph.db", check_same_thread=False)
    saver = SqliteSaver(connection)
    graph = build(options.wide, options.deep, saver)
    start = {f"c{column}": column * options.deep for column in range(options.wide)}
    seconds = []
    for run in range(options.runs):
        config = {
            "configurable": {"thread_id": str(run)},
            "recursion_limit": 10 * options.deep,
            "max_concurrency": 2,
        }
        begun = time.perf_counter()
        end = graph.invoke(start, config, durability="sync")
        seconds.append(time.perf_counter() - begun)
        if end != {name: value + options.deep for name, value in start.items()}:
            sys.exit(f"wrong result: {end}")
    mode = connection.execute("PRAGMA synchronous").fetchone()[0]
    journal = connection.execute("PRAGMA journal_mode").fetchone()[0]
    durability = f"SQLite, {journal}, synchronous={mode}, a checkpoint a row"
    print(json.dumps({"seconds": seconds, "durability": durability}))


main()
