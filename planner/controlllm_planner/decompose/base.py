"""The protocol of decomposers."""

from __future__ import annotations

from typing import Protocol

from controlllm_planner.task import Request, Task


class Decomposer(Protocol):
    """Turns words and attachments into tasks, in an order in which they can be solved."""

    def decompose(self, request: Request) -> tuple[Task, ...]:
        """Take a request apart.

        Raises:
            InvalidRequest: It names a file that was not handed over.
            CannotDecompose: Nothing in it matches a tool.
        """
