"""Find what a request points at: attachments by name, quoted text, web addresses, numbers, types.

Everything found is replaced by a marker of one private character, so that no later step reads a
file name as words or splits a sentence inside a quotation.
"""

from __future__ import annotations

import mimetypes
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from controlllm_planner.decompose.pasted import pasted_texts
from controlllm_planner.errors import InvalidRequest
from controlllm_planner.relevance import stem
from controlllm_planner.task import Attachment, Request
from controlllm_tools.registry import TypeInfo
from controlllm_tools.resources import ResourceType

_FIRST_MARKER = 0xE000
_LAST_MARKER = 0xF8FF
MARKER = re.compile(f"[{chr(_FIRST_MARKER)}-{chr(_LAST_MARKER)}]")
_MARKED = re.compile(rf"\s*{MARKER.pattern}(?:\s|{MARKER.pattern})*")

_QUOTED = re.compile(
    r"\"([^\"\n]{1,2000})\"|“([^”\n]{1,2000})”|(?<!\w)'((?:[^'\n]|(?<=\w)'(?=\w)){2,2000})'(?!\w)"
)
_CODE = re.compile(r"```(.*?)```", re.DOTALL)
_URL = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_HOST = re.compile(
    r"(?<![\w@./-])(?:[\w-]+\.)+(?:com|org|net|edu|gov|io|info|dev)(?:/[^\s<>\"']*)?(?![\w])",
    re.IGNORECASE,
)
_FILE = re.compile(r"(?<![\w/.-])(?:[\w.-]+/)*[\w-][\w.-]*\.[A-Za-z][A-Za-z0-9]{1,4}(?![\w/])")
_PATH = re.compile(r"\bfile:/+[^\s\"']+|(?<![\w./:~-])(?:~|\.\.?)?(?:/[\w.-]+){2,}/?(?![\w/])")
_QUOTED_FILE = re.compile(rf"[\"'`“]({_FILE.pattern})[\"'`”]")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?=\s|%|[a-zA-Z]{1,3}\b|[.,;:!?)]|$)")
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
_SAVING = frozenset("save write store export convert turn transcode".split())
_MAKING = _SAVING | frozenset("create make produce generate output".split())
_FAMILIES = frozenset(("image", "audio", "video", "text"))


@dataclass(frozen=True, slots=True)
class Mention:
    """One thing the request points at.

    Attributes:
        kind: `attachment`, `quote`, `url`, `address` (of e-mail), `number`, or `file` for a name
            that was not attached.
        text: The words, without quotation marks.
        attachment: Index of the attachment, or -1.
        is_result: A file name that the words give to a result, as in `save it as photo.png`.
    """

    kind: str
    text: str
    attachment: int = -1
    is_result: bool = False


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A request with markers in place of mentions."""

    text: str
    mentions: tuple[Mention, ...]

    def in_part(self, part: str) -> tuple[Mention, ...]:
        """The mentions whose markers stand in a part of the text, in order."""
        return tuple(self.mentions[ord(mark) - _FIRST_MARKER] for mark in MARKER.findall(part))

    def readable(self, part: str) -> str:
        """A part of the text with its mentions written out."""
        return MARKER.sub(lambda m: self.mentions[ord(m.group()) - _FIRST_MARKER].text, part)

    def typed(self, part: str, types: Sequence[ResourceType]) -> str:
        """A part of the text with the names of types in place of what it points at.

        Args:
            part: The part.
            types: Of the attachments, by index.
        """
        said = MARKER.sub(lambda m: f" {self._type_word(m, types)} ", part)
        return " ".join(said.split())

    def _type_word(self, mark: re.Match[str], types: Sequence[ResourceType]) -> str:
        mention = self.mentions[ord(mark.group()) - _FIRST_MARKER]
        if mention.attachment >= 0:
            return types[mention.attachment].replace(".", " ")
        if mention.kind == "number":
            return ""
        return media_family(mention.text) or ("text" if mention.kind == "quote" else mention.kind)

    def words_only(self, part: str) -> str:
        """A part of the text without its mentions."""
        return _MARKED.sub(" ", part)

    def words_apart(self, part: str) -> str:
        """A part of the text without its mentions, of which all but numbers leave a comma."""

        def left(mark: re.Match[str]) -> str:
            return " " if self.mentions[ord(mark.group()) - _FIRST_MARKER].kind == "number" else ","

        return MARKER.sub(left, part)

    def with_numbers(self, part: str) -> str:
        """A part of the text in which only numbers are written out."""
        return MARKER.sub(self._number, part)

    def _number(self, mark: re.Match[str]) -> str:
        mention = self.mentions[ord(mark.group()) - _FIRST_MARKER]
        return mention.text if mention.kind == "number" else mark.group()


class _Marker:
    def __init__(self, text: str) -> None:
        self.text = MARKER.sub(" ", text)
        self.mentions: list[Mention] = []

    def replace(self, pattern: re.Pattern[str], kind: str, attachment: int = -1) -> None:
        self.text = pattern.sub(lambda match: self._mark(match, kind, attachment), self.text)

    def replace_pasted(self) -> None:
        """Mark the texts that were pasted in; what parts them from the words before goes too."""
        for start, end in reversed(list(pasted_texts(self.text))):
            before, said = self.text[:start], self.text[start:end]
            is_full = len(self.mentions) > _LAST_MARKER - _FIRST_MARKER
            if is_full or MARKER.search(said):
                continue  # files are no words of a text
            self.mentions.append(Mention("quote", said.strip()))
            mark = chr(_FIRST_MARKER + len(self.mentions) - 1)
            joint = " " if before else ""
            self.text = f"{before.rstrip()}{joint}{mark}{self.text[end:]}"

    def _mark(self, match: re.Match[str], kind: str, attachment: int) -> str:
        inner = next((group for group in match.groups() if group is not None), match.group())
        if MARKER.search(inner):
            # a quoted file name is that file; what stands in a longer quotation is no wish
            if kind != "quote" or len(inner) == 1:
                return inner if kind == "quote" else match.group()
            if len(_WORD.findall(inner)) < 2:
                return match.group()
            inner = MARKER.sub(lambda m: self.mentions[ord(m.group()) - _FIRST_MARKER].text, inner)
        if len(self.mentions) > _LAST_MARKER - _FIRST_MARKER:
            return match.group()
        said = inner.strip("\"'` ") if kind == "attachment" else inner.strip()
        is_result = kind == "file" and _names_result(match.string, match.start())
        self.mentions.append(Mention(kind, said, attachment, is_result))
        return chr(_FIRST_MARKER + len(self.mentions) - 1)


def mark(text: str, attachments: Iterable[Attachment]) -> MarkedText:
    """Replace every mention in a request by a marker."""
    return _marked(text, tuple(each.name for each in attachments))


@lru_cache(maxsize=2)
def _marked(text: str, attached: tuple[str, ...]) -> MarkedText:
    """The same by the names of attachments; a plan asks for it four times."""
    marker = _Marker(text)
    for index, names in _names(attached):
        for name in names:
            marker.replace(_name_pattern(name, text), "attachment", index)
    marker.replace(_CODE, "quote")
    marker.replace_pasted()
    marker.replace(_URL, "url")
    marker.replace(_EMAIL, "address")
    marker.replace(_HOST, "url")
    marker.replace(_QUOTED_FILE, "file")
    marker.replace(_QUOTED, "quote")
    marker.replace(_FILE, "file")
    marker.replace(_PATH, "file")
    marker.replace(_NUMBER, "number")
    return MarkedText(marker.text, tuple(marker.mentions))


def implied_attachments(text: str, attachments: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """Attachments for the files that a request names without handing them over, by their ending.

    For planning only: such an attachment has no content.
    """
    marked = mark(text, attachments)
    found: dict[str, Attachment] = {}
    for mention in marked.mentions:
        family = media_family(mention.text)
        if mention.kind == "file" and family and not mention.is_result:
            type_ = ResourceType(family)
            found.setdefault(mention.text, Attachment(name=mention.text, type=type_))
    return tuple(found.values())


def refuse_unknown_files(marked: MarkedText, request: Request) -> None:
    """Refuse a file that is named and missing; `node.js` is one only where no file is there.

    Raises:
        InvalidRequest: It names the file.
    """
    named = any(mention.kind == "attachment" for mention in marked.mentions)
    for mention in marked.mentions:
        if mention.kind != "file" or mention.is_result:
            continue
        if not named or media_family(mention.text):
            have = ", ".join(each.name for each in request.attachments) or "nothing"
            msg = (
                f"{mention.text!r} was not handed over (attached: {have}); "
                "append the path of the file to the command"
            )
            raise InvalidRequest(msg)


def media_family(name: str) -> str:
    """`image`, `audio`, `video` or `text` by the ending of a file name; empty for any other."""
    mime = mimetypes.guess_type(name)[0] or ""
    family = mime.partition("/")[0]
    # node.js is the name of a program
    return family if family in _FAMILIES and not mime.endswith("javascript") else ""


def _names(attached: Iterable[str]) -> list[tuple[int, list[str]]]:
    """What each attachment may be called: its name, its last part, that without the ending."""
    named = []
    for index, name in enumerate(attached):
        path = PurePosixPath(name.replace("\\", "/"))
        short = path.stem if len(path.stem) > 3 and not path.stem.isalpha() else ""
        options = dict.fromkeys(each for each in (name, path.name, short) if each)
        named.append((index, list(options)))
    return sorted(named, key=lambda each: -len(each[1][0]))


def _name_pattern(name: str, text: str) -> re.Pattern[str]:
    """A name in any case and quotes, behind `./` or the one folder that the text gives it."""
    escaped = re.escape(name)
    pathed = re.finditer(rf"(?<![\w/.~:-])((?:[\w.~-]*/)+){escaped}(?!\w)", text, re.IGNORECASE)
    folders = {match.group(1) for match in pathed} - {"./"}
    folder = rf"(?:{'|'.join(('[.]/', *map(re.escape, folders)))})" if len(folders) == 1 else "[.]/"
    return re.compile(
        rf"[\"'`]?(?:(?<![\w/.~:-]){folder}|(?<![\w/])){escaped}(?![\w])[\"'`]?", re.IGNORECASE
    )


def _names_result(text: str, start: int) -> bool:
    """Whether the words before a file name make it the name of a result."""
    *earlier, last = ["", *_WORD.findall(text[max(0, start - 60) : start].lower())]
    saved = last in {"to", "into", "in", "under"} and not _SAVING.isdisjoint(earlier[-5:])
    called = last == "it" and not {"call", "name"}.isdisjoint(earlier[-1:])
    # "make a file named x.txt", but "I have a file named x.txt"
    made = last in {"called", "named"} and not _MAKING.isdisjoint(earlier[-6:])
    return saved or called or made or last == "as"


@dataclass(frozen=True, slots=True)
class TypeMention:
    """A type that a clause speaks of, and where.

    Attributes:
        type: The type.
        determiner: The article-like word before it, such as `this` or `a`; empty for none.
        start: Where its words begin in the text.
        end: Where they end.
        words: The words, in lower case.
    """

    type: ResourceType
    determiner: str
    start: int
    end: int
    words: str


class TypeWords:
    """Finds the names of resource types in a text, the longest first."""

    def __init__(
        self, types: Mapping[ResourceType, TypeInfo], names: Iterable[ResourceType]
    ) -> None:
        self._by_stems: dict[tuple[str, ...], ResourceType] = {}
        ordered = sorted(names, key=lambda each: (each.count("."), each))
        shared = Counter(name.rsplit(".", 1)[-1] for name in ordered)
        # `video` is the type video before it is the last word of facts.video
        for name in ordered:
            own = name.rsplit(".", 1)[-1].replace("_", " ").replace("-", " ")
            # `clean` names nothing when there is audio.clean as well as image.clean
            alone = (own,) if shared[name.rsplit(".", 1)[-1]] == 1 or not name.refined else ()
            spelled = (f"{own} {name.root}", f"{name.root} {own}") if name.refined else ()
            for words in (*alone, *spelled, *types.get(name, TypeInfo()).words):
                self._by_stems.setdefault(_stems(words), name)
        self._longest = max((len(key) for key in self._by_stems), default=0)

    def find(self, text: str) -> Iterator[TypeMention]:
        """The types a text speaks of, in order."""
        found = list(_WORD.finditer(text))
        words = [match.group().lower() for match in found]
        stems = [stem(word) for word in words]
        position = 0
        while position < len(words):
            length = self._longest_at(stems, position)
            if length == 0:
                position += 1
                continue
            last = position + length
            yield TypeMention(
                type=self._by_stems[tuple(stems[position:last])],
                determiner=_determiner(words[max(0, position - 4) : position]),
                start=found[position].start(),
                end=found[last - 1].end(),
                words=" ".join(words[position:last]),
            )
            position = last

    def _longest_at(self, stems: list[str], position: int) -> int:
        for length in range(min(self._longest, len(stems) - position), 0, -1):
            if tuple(stems[position : position + length]) in self._by_stems:
                return length
        return 0


DEFINITE = frozenset(
    {"the", "this", "that", "these", "those", "both", "its", "their", "my", "our", "your"}
)
INDEFINITE = frozenset({"a", "an", "some", "new", "another", "one"})


def _determiner(before: list[str]) -> str:
    """The nearest article-like word before a noun, looking past its adjectives."""
    for word in reversed(before):
        if word in DEFINITE or word in INDEFINITE:
            return word
    return ""


def _stems(words: str) -> tuple[str, ...]:
    return tuple(stem(word.lower()) for word in _WORD.findall(words))
