"""JSON that one tool writes and another reads, checked into a frozen value on the way in."""

from __future__ import annotations

from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from controlllm_tools.errors import InvalidInput

T = TypeVar("T")


def read_json(kind: type[T], text: str, shown: str) -> T:
    """Check JSON against a dataclass; fields that it does not know are left aside.

    Args:
        kind: The dataclass; its annotations are the format.
        text: The JSON.
        shown: What the value is called in the message.

    Raises:
        InvalidInput: Names the first field that does not fit, and why.
    """
    try:
        # strict on JSON: "3" is no number, while a list may become a tuple
        return TypeAdapter(kind).validate_json(text, strict=True)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in fault["loc"]) or "the whole value"
        msg = f"this is not {shown}: {where}: {fault['msg']}"
        raise InvalidInput(msg) from error
