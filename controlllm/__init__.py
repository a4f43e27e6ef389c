"""ControlLLM: a request in words becomes a typed, priced plan, and exactly that plan is run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # loaded on first use, so that importing the package costs nothing
    from controlllm.app import open_service
    from controlllm.settings import Settings
    from controlllm_planner.task import Request

__all__ = ["Request", "Settings", "open_service"]

_HOMES = {
    "Request": "controlllm_planner.task",
    "Settings": "controlllm.settings",
    "open_service": "controlllm.app",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    import importlib  # noqa: PLC0415 - see above

    return getattr(importlib.import_module(_HOMES[name]), name)
