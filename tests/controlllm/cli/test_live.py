"""What tools say is drawn as they say it, and never read as markup."""

from __future__ import annotations

import io

import pytest
import toolbox
from rich.console import Console

from controlllm.cli import live, show
from controlllm.events import RunId, Stamp, StepFailed, StepProgressed, StepStarted

STAMP = Stamp(run_id=RunId("r"), seq=3, at="2026-01-01T00:00:00.000000+00:00")


def test_a_message_with_brackets_and_colons_does_not_stop_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(
        live, "messages", Console(file=screen, force_terminal=True, width=200, emoji=False)
    )
    plan = toolbox.plan(toolbox.step("s1", "echo"))
    with live.live_progress(plan, shown=True) as watch:
        watch(
            StepStarted(
                stamp=STAMP, step="s1", attempt=1, tool="echo", card_hash="", key="", inputs=()
            )
        )
        watch(StepProgressed(stamp=STAMP, step="s1", fraction=0.5, message="[/b] :smile:"))
        watch(StepFailed(stamp=STAMP, step="s1", error="tool_failed", message="[red]no[/] [/i]"))
    assert "[red]no[/] [/i]" in screen.getvalue()


def test_words_of_others_are_neither_markup_nor_commands() -> None:
    screen = io.StringIO()
    console = Console(file=screen, width=200, emoji=False, highlight=False)
    console.print(f"[bold]{show.literal('[/b] x :smile: [link=a]y' + chr(27) + '[2J')}[/]")
    assert screen.getvalue() == "[/b] x :smile: [link=a]y[2J\n"


def test_one_is_no_plural() -> None:
    assert show.plan_summary(toolbox.plan(toolbox.step("s1", "echo"))).startswith("1 step, ")
    assert show.count_words(2, "alternative") == "2 alternatives"


def test_a_bar_for_reading_is_drawn_once_it_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(live, "messages", Console(file=screen, force_terminal=True, width=80))
    with live.reading_bar():
        pass
    assert not screen.getvalue()
    with live.reading_bar() as told:
        told(0, 40_000)
        told(2_000, 40_000)
    assert "reading the catalogue" in screen.getvalue()


def test_no_bar_is_drawn_into_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(live, "messages", Console(file=screen, width=80))
    with live.reading_bar() as told:
        told(0, 40_000)
    assert not screen.getvalue()
