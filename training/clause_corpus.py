"""Texts for teaching the small encoder: any that say what is done to what. No label is read.

Requests and cards of this project, the same with words swapped for others of their kind, pairs of
a verb and a noun, glosses and examples of WordNet, one-line descriptions of Debian's packages, and
the first sentences of docstrings. No text of a benchmark is among them.
"""

from __future__ import annotations

import ast
import json
import random
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).parents[1]
REQUESTS = REPOSITORY / "training/requests"

WORDS = range(2, 31)
LETTERS = 220
GLOSSES, DESCRIPTIONS, SENTENCES, PAIRS = 40_000, 40_000, 60_000, 30_000
"""The most that are taken of each source."""

SWAPPED = (0.15, 0.3, 0.5)
"""Shares of words that are swapped."""

_PATTERNS = (
    "{verb} the {noun}",
    "{verb} a {noun}",
    "{verb} this {noun} into a {other}",
    "{noun} {other}",
    "{verb} {noun}",
    "the {noun} of the {other}",
    "can you {verb} the {noun}?",
    "which {noun} is {adj}?",
    "{verb} the {adj} {noun} with the {other}",
    "make the {noun} {adj}",
)
_JOINTS = re.compile(r"(?<=[.!?])\s+|, (?:then|and) | and then | then |, ")
_KEPT = frozenset(
    "the a an of to in on at it its this that is are be as for from by with and or not no me my i "
    "you your we us do does did can could would will should please then also into out up down all "
    "any each".split()
)


class WordNet:
    """The files of WordNet 3.0, see `wndb(5WN)`.

    Attributes:
        lemmas: Single words by part of speech; those that were met in texts or mean several things.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.lemmas = {pos: list(self._common(pos)) for pos in ("noun", "verb", "adj")}

    def glosses(self) -> Iterator[str]:
        """What its words mean."""
        for text in self._said():
            plain = re.sub(r'"[^"]*"', "", text)
            yield from (each for each in re.split(r';\s*(?="|$)|; ', plain) if each.strip())

    def examples(self) -> Iterator[str]:
        """Sentences that use them."""
        for text in self._said():
            yield from re.findall(r'"([^"]*)"', text)

    def _said(self) -> Iterator[str]:
        for pos in ("noun", "verb", "adj", "adv"):
            for line in (self._folder / f"data.{pos}").read_text(errors="ignore").splitlines():
                if not line.startswith(" "):
                    yield line.split("| ", 1)[1]

    def _common(self, pos: str) -> Iterator[str]:
        for line in (self._folder / f"index.{pos}").read_text().splitlines():
            if not line.startswith(" "):
                word, _, senses, pointers, *rest = line.split()
                met = int(rest[int(pointers) + 1])
                if word.isalpha() and (met > 0 or int(senses) > 1):
                    yield word


def corpus(wordnet: Path, packages: Iterable[Path]) -> list[str]:
    """All texts, each once, in an order of chance that is the same each time.

    Args:
        wordnet: The folder of WordNet.
        packages: Folders of Python packages whose docstrings are read.
    """
    chance, words = random.Random(0), WordNet(wordnet)
    requests = sorted(set(_fitting(_requests())))
    sources = [
        chance.sample(list(words.glosses()), GLOSSES),
        words.examples(),
        requests,
        _cards(),
        (swapped(text, words, chance) for text in requests * 3),
        (_pair(words, chance) for _ in range(PAIRS)),
        _some(_descriptions(), DESCRIPTIONS, chance),
        _some(docstrings(packages), SENTENCES, chance),
    ]
    texts = sorted({text for source in sources for text in _fitting(source)})
    chance.shuffle(texts)
    return texts


def _fitting(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        plain = " ".join(text.split()).strip(" \"'")
        if len(plain.split()) in WORDS and len(plain) < LETTERS:
            yield plain


def _some(texts: Iterable[str], most: int, chance: random.Random) -> list[str]:
    found = sorted(set(texts))
    chance.shuffle(found)
    return found[:most]


def _requests() -> Iterator[str]:
    """Requests of this project, whole and in pieces."""
    for lines in sorted(REQUESTS.glob("*.jsonl")):
        for line in lines.read_text().splitlines():
            text = json.loads(line)["request"]
            yield from (text, *_JOINTS.split(text))


def _cards() -> Iterator[str]:
    for file in (*REQUESTS.glob("*.yaml"), REPOSITORY / "registry.yaml"):
        yield from _strings(yaml.safe_load(file.read_text()))


def _strings(held: object) -> Iterator[str]:
    if isinstance(held, str):
        yield held
    elif isinstance(held, dict | list):
        for each in held.values() if isinstance(held, dict) else held:
            yield from _strings(each)


def swapped(text: str, words: WordNet, chance: random.Random) -> str:
    """A text with some of its words swapped for others of their kind."""
    share = chance.choice(SWAPPED)
    return " ".join(
        _other(word, words, chance) if chance.random() < share else word for word in text.split()
    )


def _other(word: str, words: WordNet, chance: random.Random) -> str:
    parts = re.fullmatch(r"(\W*)([A-Za-z]+)(\W*)", word)
    if parts is None or parts[2].lower() in _KEPT:
        return word
    kinds = [lemmas for lemmas in words.lemmas.values() if parts[2].lower() in lemmas]
    return f"{parts[1]}{chance.choice(chance.choice(kinds))}{parts[3]}" if kinds else word


def _pair(words: WordNet, chance: random.Random) -> str:
    noun, verb, adj = (chance.choice(words.lemmas[pos]) for pos in ("noun", "verb", "adj"))
    other = chance.choice(words.lemmas["noun"])
    return chance.choice(_PATTERNS).format(noun=noun, verb=verb, adj=adj, other=other)


def _descriptions() -> Iterator[str]:
    command = ["apt-cache", "dumpavail"]
    listed = subprocess.run(command, capture_output=True, check=True, timeout=300).stdout
    for line in listed.decode(errors="ignore").splitlines():
        if line.startswith("Description"):
            yield re.sub(r"\s*[([-].*", "", line.partition(": ")[2])


def docstrings(packages: Iterable[Path]) -> Iterator[str]:
    """The first sentence of each."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for file in (file for folder in packages for file in folder.rglob("*.py")):
        try:
            tree = ast.parse(file.read_text(errors="ignore"))
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, kinds) and (said := ast.get_docstring(node)):
                first = " ".join(said.strip().split("\n\n")[0].replace("`", "").split())
                yield re.split(r"(?<=[.])\s", first)[0]
