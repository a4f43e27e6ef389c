"""Toy tools with real behaviour, good and bad, for tests of everything that runs tools."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from controlllm_planner.cost import Estimate
from controlllm_planner.plan import (
    Alternative,
    FromStep,
    Plan,
    PlanStep,
    StepId,
    StepOutput,
    Value,
)
from controlllm_planner.task import TaskId
from controlllm_tools.card import Port, ToolCard
from controlllm_tools.errors import InvalidInput, OutOfMemory, ToolFailed, Transient
from controlllm_tools.registry import Registry, TypeInfo
from controlllm_tools.resources import ResourceType
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext


def card(
    tool: str,
    *,
    name: str = "",
    inputs: tuple[Port, ...] = (Port(name="text", type="text", optional=True),),
    outputs: tuple[Port, ...] = (Port(name="out", type="text"),),
    **more: object,
) -> ToolCard:
    """The card of a tool of this module."""
    return ToolCard(
        name=name or tool.lower(),
        version="1",
        summary=f"{tool} something.",
        inputs=inputs,
        outputs=outputs,
        entry_point=f"toolbox:{tool}",
        **more,  # type: ignore[arg-type]
    )


class Echo(CpuTool):
    """Gives back its text, with the seed and the process that did it on request."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        context.progress(0.5, "half way")
        text = inputs.text("text", "nothing")
        if text == "who":
            text = str(os.getpid())
        return {"out": Output.of_text(f"{text}/{context.seed}" if text == "seed" else text)}


class WriteFile(CpuTool):
    """Writes its text to a file in scratch."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        path = context.scratch / "out.txt"
        path.write_text(inputs.text("text", "content") * 1_000, encoding="utf-8")
        return {"out": Output.of_file(path)}


class Sleep(CpuTool):
    """Takes its time, and stops when asked."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        end = time.monotonic() + float(inputs.text("text", "60"))
        context.progress(0.1, "sleeping")
        while time.monotonic() < end:
            context.check()
            time.sleep(0.01)
        return {"out": Output.of_text("rested")}


class Hang(CpuTool):
    """Never ends, ignores every signal but one, and has a child that does the same."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        code = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
        child = subprocess.Popen([sys.executable, "-c", code])
        context.progress(0.1, str(child.pid))
        time.sleep(600)
        return {}


class Raise(CpuTool):
    """Fails in the way its text says."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        errors = {
            "invalid_input": InvalidInput("bad input"),
            "transient": Transient("try again"),
            "out_of_memory": OutOfMemory("too big"),
            "tool_failed": ToolFailed("no way"),
            "foreign": ZeroDivisionError("division by zero"),
            "memory": MemoryError(),
        }
        raise errors[inputs.text("text", "foreign")]


class FailOnce(CpuTool):
    """Fails at the first attempt and works at the second; remembers by a file beside scratch."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        mark = context.scratch.parent / f"seen-{inputs.text('text', 'once')}"
        if not mark.exists():
            mark.touch()
            msg = "not yet"
            raise Transient(msg)
        return {"out": Output.of_text("at last")}


class Crash(CpuTool):
    """Takes its process with it."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        os.kill(os.getpid(), signal.SIGSEGV)
        return {}


class Chatty(CpuTool):
    """Prints what would break a protocol on standard output, from Python and from C."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        print('{"done": []}', flush=True)
        os.write(1, b"not json at all\n")
        subprocess.run(["/bin/echo", "noise"], check=True)
        return {"out": Output.of_text("quiet")}


class ReturnNothing(CpuTool):
    """Forgets its result."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        return None  # type: ignore[return-value]


class ReturnWrongType(CpuTool):
    """Promises a picture and gives text."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        path = context.scratch / "out.png"
        path.write_text("no picture", encoding="utf-8")
        return {"out": Output.of_file(path)}


class PointOutside(CpuTool):
    """Gives back a file that it did not make."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        return {"out": Output.of_file(Path("/etc/hostname"))}


class WriteOutside(CpuTool):
    """Tries to write where its text says, and tells how that went."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        try:
            Path(inputs.text("text")).write_text("overwritten", encoding="utf-8")
        except OSError as error:
            return {"out": Output.of_text(f"refused: {error.strerror}")}
        return {"out": Output.of_text("written")}


class Connect(CpuTool):
    """Tries to connect to the port of this machine that its text says."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        try:
            with socket.create_connection(("127.0.0.1", int(inputs.text("text"))), timeout=5):
                return {"out": Output.of_text("connected")}
        except PermissionError:
            return {"out": Output.of_text("refused")}


class Flood(CpuTool):
    """Reports progress far too often."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        for number in range(20_000):
            context.progress(number / 20_000, "x" * 1_000)
        return {"out": Output.of_text("flooded")}


class Count(CpuTool):
    """Writes its text to the end of the file that `log` names, so that calls can be counted."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        text = inputs.text("text", "x")
        with Path(inputs.text("log")).open("a", encoding="utf-8") as log:
            log.write(f"{text}\n")
        path = context.scratch / "out.txt"
        path.write_text(f"{text} and more", encoding="utf-8")
        return {"out": Output.of_file(path)}


COUNT_INPUTS = (Port(name="text", type="text"), Port(name="log", type="text"))

CARDS = {
    each.name: each
    for each in (
        card("Echo", deterministic=True),
        card("Echo", name="echo_again", deterministic=True),
        card("WriteFile", deterministic=True),
        card("Sleep"),
        card("Hang"),
        card("Raise"),
        card("FailOnce"),
        card("Crash"),
        card("Count", inputs=COUNT_INPUTS),
        card("Count", name="count_once", inputs=COUNT_INPUTS, deterministic=True),
        card("ReturnNothing"),
    )
}


def registry() -> Registry:
    """A catalogue of these tools."""
    types = {ResourceType(name): TypeInfo() for name in ("text", "image")}
    return Registry(types=types, cards=CARDS)


def step(name: str, tool: str, *, timeout_s: float = 60.0, **inputs: str | FromStep) -> PlanStep:
    """A step of a plan by hand; a string is a value, a reference an output of another step."""
    bound = tuple(
        (port, (held if isinstance(held, FromStep) else Value(held, "text"),))
        for port, held in inputs.items()
    )
    return PlanStep(
        id=StepId(name),
        task=TaskId("t1"),
        tool=tool,
        version="1",
        card_hash=CARDS[tool].card_hash,
        inputs=bound,
        outputs=(StepOutput(name="out", type=ResourceType("text")),),
        after=tuple(held.step for held in inputs.values() if isinstance(held, FromStep)),
        estimate=Estimate(seconds=0.1),
        timeout_s=timeout_s,
    )


def out(name: str) -> FromStep:
    """The output of a step."""
    return FromStep(StepId(name), "out")


def plan(
    *steps: PlanStep,
    outputs: tuple[str, ...] = (),
    alternatives: tuple[Alternative, ...] = (),
    goal: str = "test",
) -> Plan:
    """A plan by hand; without a word about it, every step's output is a result."""
    return Plan(
        goal=goal,
        resources=(),
        steps=steps,
        outputs=tuple(out(name) for name in outputs or [str(each.id) for each in steps]),
        estimate=Estimate(seconds=0.1),
        alternatives=alternatives,
    )
