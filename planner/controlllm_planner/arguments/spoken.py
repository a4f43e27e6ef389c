"""Fill a tool's parameters from the words of a task; never invent one.

What two parameters could take equally well is left out. Everything is read from the card: names,
descriptions, units, choices and defaults.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from controlllm_planner.arguments.choices import said_choices, said_flags
from controlllm_planner.arguments.numbers import said_numbers
from controlllm_planner.arguments.texts import said_texts
from controlllm_planner.decompose.numbers import spoken_numbers
from controlllm_planner.task import FromAttachment, Spoken, SpokenNumber, Task
from controlllm_tools.card import Scalar, ToolCard

_READ_CHARS = 8_000
"""Characters of a wish in which choices and names of parameters are looked for."""


def spoken_parameters(card: ToolCard, task: Task) -> dict[str, Scalar]:
    """Values for the parameters of a tool that the words of a task state.

    O(numbers^2 * parameters + words * parameters).
    """
    said = wished_words(task)[:_READ_CHARS]
    refused = "\n".join(clause.text for clause in task.clauses if clause.refuses)
    quotes = _quotes(task, said)
    words = unquoted_words(task)
    texts = said_texts(card, said, quotes)
    said_of = dict(said_choices(card, words))
    choices = {port: chosen[0] for port, chosen in said_of.items() if len(chosen) == 1}
    numbers = _besides(task.numbers, texts.values())
    return {
        **said_numbers(card, numbers, choices.values()),
        **choices,
        # "don't add subtitles" is a no
        **said_flags(card, f"{words}\n{refused}"[:_READ_CHARS]),
        **texts,
    }


def wished_words(task: Task) -> str:
    """The words of a task as they were written, one clause a line, without what not to do."""
    read = (each.text for each in task.clauses if not each.refuses and not each.unclear)
    return "\n".join(read) or task.goal


def unquoted_words(task: Task) -> str:
    """The same as far as values are looked for in them, without quotations and names of files."""
    said = wished_words(task)[:_READ_CHARS]
    return _without(said, [*_quotes(task, said), *_file_names(task)])


def _besides(numbers: Sequence[SpokenNumber], texts: Iterable[str]) -> list[SpokenNumber]:
    """The numbers that are not part of a text that was found: `where price > 10`."""
    inside = Counter(number.value for text in texts for number in spoken_numbers(text))
    left = []
    for number in numbers:
        if inside[number.value] > 0:
            inside[number.value] -= 1
        else:
            left.append(number)
    return left


def _quotes(task: Task, said: str) -> list[str]:
    """What the wish quotes, in the order of the words."""
    values = [
        given.origin.value
        for given in task.given
        if isinstance(given.origin, Spoken) and isinstance(given.origin.value, str)
    ]
    parts = [
        v for v in dict.fromkeys(values) if v != task.label and v in said and len(v) < len(said)
    ]
    return sorted(parts, key=said.find)


def _file_names(task: Task) -> list[str]:
    return [g.origin.name for g in task.given if isinstance(g.origin, FromAttachment)]


def _without(said: str, parts: list[str]) -> str:
    for part in sorted(parts, key=len, reverse=True):
        said = said.replace(part, " ")
    return said
