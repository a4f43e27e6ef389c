"""Plans, runs and lineage as tables and trees for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from controlllm_tools.resources import without_controls

NEIGHBOURS = 5
"""Tools told of that made what one read, or read what it made."""

if TYPE_CHECKING:  # only names in annotations
    from controlllm.provenance.lineage import Origin
    from controlllm.records import RunRecord, StepRecord
    from controlllm_planner.plan import Binding, Decision, Plan
    from controlllm_planner.priors import Observed, Priors
    from controlllm_tools.card import ToolCard
    from controlllm_tools.resources import Resource

console = Console(highlight=False, emoji=False)
messages = Console(stderr=True, highlight=False, emoji=False)


def literal(text: str) -> str:
    """Words of others inside markup: neither markup nor commands to the terminal."""
    return escape(without_controls(text))


def count_words(count: int, noun: str) -> str:
    """`1 step`, `2 steps`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def plan_table(plan: Plan) -> Table:
    """Every step with what it reads, what it makes and what it is expected to take."""
    table = Table(title="Plan", title_justify="left", header_style="bold", expand=False)
    for name in ("step", "tool", "reads", "makes"):
        table.add_column(name, overflow="fold")
    table.add_column("estimate", justify="right")
    for step in plan.steps:
        reads = [
            f"{port}: {', '.join(binding_words(b) for b in bound)}" for port, bound in step.inputs
        ]
        makes = [f"{output.name}: {output.type}" for output in step.outputs]
        table.add_row(
            step.id,
            step.tool,
            literal("\n".join(reads)),
            "\n".join(makes),
            seconds_words(step.estimate.seconds),
        )
    return table


def plan_summary(plan: Plan) -> str:
    """One line: steps, time, money, alternatives, digest."""
    estimate = plan.estimate
    parts = [count_words(len(plan.steps), "step"), f"about {seconds_words(estimate.seconds)}"]
    if estimate.vram_bytes:
        parts.append(f"{estimate.vram_bytes / 2**30:.1f} GiB of GPU memory")
    parts.append(f"{estimate.usd:.2f} USD" if estimate.usd else "free")
    if plan.alternatives:
        parts.append(f"{count_words(len(plan.alternatives), 'alternative')} ready")
    return f"{', '.join(parts)}; plan {plan.digest[:12]}"


def plan_notes(to: Console, plan: Plan) -> None:
    """What the person should know of how the request was read."""
    for note in plan.notes:
        to.print(f"note: {without_controls(note)}", markup=False, soft_wrap=True)


def binding_words(binding: Binding) -> str:
    """A binding as people read it."""
    name = getattr(binding, "name", None)
    if name is not None:
        return str(name)
    step = getattr(binding, "step", None)
    if step is not None:
        return f"{step}.{binding.output}"  # type: ignore[union-attr]
    value = str(getattr(binding, "value", ""))
    return repr(value if len(value) <= 40 else value[:39] + "…")


def decision_table(decisions: Sequence[Decision]) -> Table:
    """Why each tool is, or is not, in the plan."""
    table = Table(title="Decisions", title_justify="left", header_style="bold")
    for name in ("task", "candidate", "verdict"):
        table.add_column(name)
    table.add_column("relevance", justify="right")
    table.add_column("reason", overflow="fold")
    for each, earlier in zip(decisions, (None, *decisions), strict=False):
        if earlier is not None and earlier.task != each.task:
            table.add_section()
        mark = "green" if each.verdict == "kept" else "dim"
        table.add_row(
            each.task,
            f"[{mark}]{each.candidate}[/]",
            each.verdict,
            f"{each.score:.2f}",
            literal(each.reason),
        )
    return table


def origin_tree(origin: Origin, decisions: dict[str, str]) -> Tree:
    """Everything that went into an artefact, with the reason for each tool."""
    tree = Tree(_origin_words(origin, decisions))
    _grow(tree, origin, decisions)
    return tree


def _grow(tree: Tree, origin: Origin, decisions: dict[str, str]) -> None:
    for port, source in origin.inputs:
        branch = tree.add(f"[dim]{literal(port)}:[/] {_origin_words(source, decisions)}")
        _grow(branch, source, decisions)


def _origin_words(origin: Origin, decisions: dict[str, str]) -> str:
    words = artifact_words(origin.resource)
    if not origin.told:
        return f"{words} [dim](see above)[/]"
    if origin.step is None:
        return f"{words} [dim]from you[/]"
    step = origin.step
    made = f"[dim]by[/] {step.step} {step.tool} v{literal(step.version)}"
    if step.state == "cached":
        made += f" [dim]taken from run {step.cached_run}[/]"
    elif step.seconds is not None:
        made += f" [dim]in {seconds_words(step.seconds)}[/]"
    why = decisions.get(step.tool)
    reason = f"\n[dim]why: {literal(why)}[/]" if why else ""
    return f"{words} {made}{reason}"


def artifact_words(resource: Resource) -> str:
    """An artefact by name, handle and content."""
    if resource.text is not None:
        shown = " ".join(resource.text.split())
        shown = shown if len(shown) <= 60 else shown[:59] + "…"
        return f"[bold]{literal(resource.handle)}[/] {resource.type} {literal(repr(shown))}"
    facts = f" ({resource.facts})" if str(resource.facts) else ""
    return f"[bold]{literal(resource.handle)}[/] {literal(resource.name)} {resource.type}{facts}"


def step_table(steps: Sequence[StepRecord], estimates: dict[str, float]) -> Table:
    """Steps of a run with actual against estimated time."""
    table = Table(title="Steps", title_justify="left", header_style="bold")
    for name in ("step", "tool", "state"):
        table.add_column(name)
    for name in ("took", "estimate", "attempts"):
        table.add_column(name, justify="right")
    table.add_column("message", overflow="fold")
    for step in steps:
        table.add_row(
            step.step,
            step.tool,
            state_words(step.state),
            seconds_words(step.seconds) if step.seconds is not None else "",
            seconds_words(estimates[step.step]) if step.step in estimates else "",
            str(step.attempts or ""),
            literal(step.message or ""),
        )
    return table


def observed_table(card: ToolCard, priors: Priors) -> Table:
    """What earlier runs tell of a tool: how often it works, how long it takes, its neighbours."""
    table = Table.grid(padding=(0, 2, 0, 0))
    seen = priors.of(card)
    if seen is None:
        table.add_row("  seen", "no runs of this version on record: plans go by the card")
        return table
    finished = seen.worked + seen.failed
    low, high = seen.interval
    worked = f"{seen.worked} of {count_words(finished, 'run')} worked"
    if finished:
        worked += f" ({seen.worked / finished:.0%}; 95% interval {low:.0%} to {high:.0%})"
    stopped = f", {seen.stopped} stopped by a person" if seen.stopped else ""
    table.add_row("  seen", f"{worked}{stopped}; plans expect {seen.expected_success:.0%}")
    if seen.worked:
        expected_s = priors.expected_seconds(card, seen.estimate_s)
        table.add_row("  took", _took_words(seen, expected_s))
    if seen.memory_bytes:
        table.add_row("  held", f"{seen.memory_bytes / 2**20:.0f} MiB of memory at most")
    for label, tools in (("fed by", priors.before(card.name)), ("feeds", priors.after(card.name))):
        if tools:
            named = [
                f"{literal(tool)} ({count_words(count, 'time')})"
                for tool, count in tools[:NEIGHBOURS]
            ]
            table.add_row(f"  {label}", ", ".join(named))
    return table


def _took_words(seen: Observed, expected_s: float) -> str:
    words = f"{seconds_words(seen.seconds)} on average"
    if not seen.timed:
        return words
    return (
        f"{words}; the card says {seconds_words(seen.estimate_s)}, "
        f"plans expect {seconds_words(expected_s)}"
    )


def run_state_words(record: RunRecord) -> str:
    """The state of a run; one that nobody executes waits for `runs resume`."""
    is_left = record.state == "running" and record.owner is None
    return state_words("unfinished" if is_left else record.state)


def state_words(state: str) -> str:
    """A state in the colour of its meaning."""
    colours = {
        "succeeded": "green",
        "cached": "green",
        "failed": "red",
        "running": "yellow",
        "unfinished": "yellow",
    }
    return f"[{colours.get(state, 'dim')}]{state}[/]"


def seconds_words(seconds: float) -> str:
    """Seconds with as many digits as they deserve."""
    if seconds >= 120:
        return f"{seconds / 60:.1f} min"
    return f"{seconds:.1f} s" if seconds >= 0.95 else f"{seconds * 1000:.0f} ms"
