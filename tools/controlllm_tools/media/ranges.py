"""A number on a port that has to lie in a range."""

from __future__ import annotations

from dataclasses import dataclass

from controlllm_tools.errors import InvalidInput
from controlllm_tools.tool import Inputs


@dataclass(frozen=True, slots=True)
class Range:
    """From `least` to `most`, both included.

    Attributes:
        least: The smallest value that is taken.
        most: The largest one.
    """

    least: float
    most: float

    def read(self, inputs: Inputs, port: str, default: float) -> float:
        """The number on a port, or the default when it is unbound.

        Raises:
            InvalidInput: It is no number or out of the range; the message names port and range.
        """
        return self.check(port, inputs.number(port, default))

    def check(self, name: str, value: float) -> float:
        """A number that was worked out from one or more ports.

        Raises:
            InvalidInput: It is no number or out of the range; the message says what `name` says.
        """
        if not self.least <= value <= self.most:
            msg = f"{name} must lie between {self.least:g} and {self.most:g}, got {value:g}"
            raise InvalidInput(msg)
        return value
