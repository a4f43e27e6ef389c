"""Vectors for verbs of several words, from the synonyms that WordNet has for them.

An encoder that reads `take away` on its own puts it next to `take off`; WordNet puts it next to
`remove` and `withdraw`. The format of its files is in `wndb(5WN)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

SENSES = 3
"""Of a verb, from the most frequent one on; a later one counts less, and one that WordNet did not
meet in its texts counts nothing: to `crop out` is not to come to the surface."""

_LEMMAS_AT = 4


def with_synonyms(folder: Path, vectors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """A vector for each verb of several words of which some synonym is known.

    Args:
        folder: Holds `index.verb` and `data.verb`.
        vectors: Of single words.
    """
    synsets = dict(_synsets(folder / "data.verb"))
    found = {}
    for verb, offsets in sorted(_verbs_of_several_words(folder / "index.verb")):
        total, lengths = np.zeros_like(next(iter(vectors.values()))), []
        for sense, offset in enumerate(offsets[:SENSES]):
            lemmas, above = synsets[offset]
            akin = [*lemmas, *(lemma for each in above for lemma in synsets[each][0])]
            for word in (each for each in akin if each in vectors):
                length = float(np.linalg.norm(vectors[word]))
                total += vectors[word] / max(length, 1e-12) / (1 + sense)
                lengths.append(length)
        if lengths:
            found[verb] = total / np.linalg.norm(total) * np.float32(np.mean(lengths))
    return found


def _verbs_of_several_words(index: Path) -> Iterator[tuple[str, list[str]]]:
    """Each with the offsets of those senses that were met in texts, the most frequent one first."""
    for line in index.read_text().splitlines():
        fields = line.split()
        if not line.startswith(" ") and "_" in fields[0]:
            met_at = 5 + int(fields[3])
            senses = fields[met_at + 1 :][: int(fields[met_at])]
            yield fields[0].replace("_", " "), senses


def _synsets(data: Path) -> Iterator[tuple[str, tuple[list[str], list[str]]]]:
    """By offset, the verbs of each sense and the offsets of those that are more general."""
    for line in data.read_text().splitlines():
        if line.startswith(" "):
            continue
        fields = line.split()
        pointers_at = _LEMMAS_AT + 2 * int(fields[3], 16)
        lemmas = [each.replace("_", " ").lower() for each in fields[_LEMMAS_AT:pointers_at:2]]
        pointers = fields[pointers_at + 1 : pointers_at + 1 + 4 * int(fields[pointers_at])]
        kinds = zip(pointers[::4], pointers[1::4], strict=True)
        yield fields[0], (lemmas, [offset for kind, offset in kinds if kind == "@"])
