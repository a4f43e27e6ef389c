"""Exit codes, and errors in words a tired person understands. No traceback reaches a user.

0    done
1    failed
2    usage: the request, a file, a setting or the catalogue has to change
3    no route: no chain of tools leads there
4    partial: some of what was asked for was made
5    a budget is used up, or would be
130  interrupted; the run can be resumed
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

DONE, FAILED, USAGE, NO_ROUTE, PARTIAL, BUDGET, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130

STATE_CODES = {
    "succeeded": DONE,
    "partial": PARTIAL,
    "failed": FAILED,
    "cancelled": INTERRUPTED,
    "budget_exhausted": BUDGET,
    "running": FAILED,
}

KIND_CODES = {
    "no_route": NO_ROUTE,
    "over_budget": BUDGET,
    "invalid_request": USAGE,
    "cannot_decompose": USAGE,
    "needs_input": USAGE,
    "invalid_input": USAGE,
    "run_not_found": USAGE,
    "unknown_handle": USAGE,
    "configuration": USAGE,
    "catalogue": USAGE,
}
"""Exit code by the `kind` of an error; every other kind is a failure."""


class Commands(TyperGroup):
    """Commands whose interruption reaches `run_and_exit`.

    Left alone, typer makes a silent exit of it, with the code of a run that was cancelled.
    """

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer's own context
        """Invoke a command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise typer.Abort from error


def run_and_exit(app: Callable[..., object]) -> None:
    """Run a command line application and end the process with its code."""
    try:
        code = app(standalone_mode=False)
    except TyperException as error:
        _tell_error("usage", f"{error.format_message()} (see --help)")
        code = error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        _say("interrupted; go on with: controlllm runs resume last")
        code = INTERRUPTED
    except BrokenPipeError:
        # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = DONE
    except Exception as error:  # noqa: BLE001 - the edge: a user sees words, not a traceback
        kind, message = describe(error)
        _tell_error(kind, message, missing_of(error))
        code = KIND_CODES.get(kind, FAILED)
    sys.exit(code if isinstance(code, int) else DONE)


def describe(error: Exception) -> tuple[str, str]:
    """Kind and message of an error; one that is not ours is a defect, and named as such."""
    kind = getattr(error, "kind", None)
    if isinstance(kind, str):
        return kind, str(error)
    if type(error).__name__ == "CatalogueError":
        return "catalogue", f"the catalogue is wrong, nothing of it was loaded:\n{error}"
    if isinstance(error, OSError) and error.filename is not None:
        return "invalid_input", f"{error.filename}: {error.strerror or error}"
    return "internal_error", f"this is a defect of ControlLLM ({type(error).__name__}: {error})"


def missing_of(error: Exception) -> list[dict[str, Any]]:
    """What the person is asked for, as data; empty for every other error."""
    from controlllm_planner.errors import NeedsInput

    return [each.to_json() for each in error.missing] if isinstance(error, NeedsInput) else []


def _tell_error(kind: str, message: str, missing: Sequence[dict[str, Any]] = ()) -> None:
    if "--json" in sys.argv:
        asked = {"needs_input": list(missing)} if missing else {}
        print(json.dumps({"error": {"kind": kind, "message": message}, **asked}))
    _say(message)
    if kind == "internal_error" and os.environ.get("CONTROLLLM_TRACEBACK"):
        import traceback

        traceback.print_exc()


def _say(message: str) -> None:
    from controlllm_tools.resources import without_controls

    print(f"controlllm: {without_controls(message)}", file=sys.stderr)
