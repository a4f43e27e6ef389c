"""Cut a request into clauses, each of which may state one wish, without a parser of English.

Clauses stand in the order of doing: "sum it up after cleaning it" is cleaned first. A new clause
begins after the end of a sentence, after a connective such as `then`, before `to` and `by` when a
verb follows, before `as` when the name of a type follows, and after a comma or `and` when a verb, a
new subject or the name of something that can be made follows. A question stays whole. The verbs are
those that tool cards and their examples begin with, so the cut follows the catalogue; cutting too
often does little harm, as a clause that asks for nothing is joined to its neighbour later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from controlllm_planner.decompose.mentions import MARKER
from controlllm_planner.decompose.verbs import ASKING
from controlllm_planner.relevance import STOP_WORDS, stem
from controlllm_tools.card import ToolCard

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|[\n;]+|\\n|(?<=[\ue000-\uf8ff])\s+(?=[A-Z])")
_DIGIT = rf"(?:\d|{MARKER.pattern})"
"""A digit, or what stands for a number: the comma of `1,500` cuts nothing."""

_JOINT = re.compile(
    rf"(?!(?<={_DIGIT}),{_DIGIT})[\s,:]*[,:][\s,]*(?:(?:and|or|then|also|finally)\b\s*)*"
    r"|\s+(?:and|then|while|before|after|once|but|which|also|as well as)\s+"
    r"(?:(?:then|also|finally|after that|to)\b[\s,]*)*",
    re.IGNORECASE,
)
_TO_DO = re.compile(r"\s+(?:in order to|to)\s+(?=[a-z])", re.IGNORECASE)
_BY_DOING = re.compile(r"\s+(?:by|for)\s+(?=[a-z]+ing\b)", re.IGNORECASE)
_AS = re.compile(r"\s+(?=as\s+(?:an?\s+)?[a-z])", re.IGNORECASE)
_IS_NO_FORM = re.compile(
    r"\b(?:us(?:e|es|ed|ing)\b.*|(?:treat|serve|act)\w*|such|well|same|it|them)$", re.IGNORECASE
)
"""What stands before `as` where no form of a result follows: `use it as a mask`, `such as`."""

_DONE_FIRST = re.compile(r"[\s,]*(?:after|once)\s+(?:\w+ing|(you|we|i|it))\b", re.IGNORECASE)
"""What opens parts of a sentence that are done before what they follow: `sum it up after ...`."""

_DONE_LAST = re.compile(r"\s*before\s+(?:\w+ing|you|we|i|it)\b", re.IGNORECASE)
"""What opens a sentence of which the opening is done last: `before joining them, blur both`."""

_AND = re.compile(r"[\s,]*(?:(?:and|or|also|as well as)\b\s*)*", re.IGNORECASE)
"""What may stand between two parts of which the second still belongs to `after ...`."""

_IN_ORDER_TO = re.compile(r"\s+(?:in order to|to|by|for)\s+", re.IGNORECASE)
_NO_MORE = re.compile(r"[,:]|\bthen\b", re.IGNORECASE)
_DOING = re.compile(r"\s*(?:\w+ly\s+)?\w+ing\b", re.IGNORECASE)

_BLANKS = re.compile(r"[\s,]{50,}")
_WORD = re.compile(r"[^\W_]+")
_LEADING = re.compile(r"\s*(?:with|given|for|in|as for|from|about)\b[^,]*,\s*", re.IGNORECASE)
_ASKS = re.compile(
    r"\s*(?:what|which|who|whose|why|how|where|when|is|are|was|were|does|do|did|has|have)\b",
    re.IGNORECASE,
)
_WANTS_ANSWER = re.compile(
    r"\s*(?:what|which|who|whose|why|where|how)\b"
    r"(?:\s+(?!(?:i|we|you|it|they|he|she|my|our|your|the|this|that)\b)\w+){0,2}?\s+"
    r"(?:is|are|was|were|does|do|did|can|could|will|would|has|have)\b",
    re.IGNORECASE,
)
"""How a question begins that need not end in its mark: `what is the colour of the car.`"""

_CONTEXT = re.compile(
    r"\s*(?:(?:hi|hello)\b[\s,]*)?"
    r"(?:i have|i've|i got|i found|my name|here|the text|the question|this is|there is)\b",
    re.IGNORECASE,
)
_VIEW = 200
"""Characters that are looked at before and after a joint, so that cutting takes linear time."""

_GOES_ON = re.compile(r"\s*(?:with|including|containing|featuring|each)\b", re.IGNORECASE)

_ADVERBS = frozenset(
    "finally lastly next also then first firstly second secondly both subsequently afterwards "
    "after that".split()
)
_SUBJECTS = frozenset("i we you please kindly can could would it let help don never".split())
_TO_BE = re.compile(
    r"\s*(?:needs?|has|have|must|should|ought)\s+(?:to\s+)?be\s+(?:\w+ly\s+)?(\w+)", re.IGNORECASE
)
"""How a wish begins that says what is to be done to something: `which needs to be trimmed`."""

_NO_VERBS = STOP_WORDS.union(
    "above across after against along although around before behind below beside besides between "
    "beyond both even inside into like maybe near neither onto outside per perhaps since though "
    "toward towards unless until upon via whenever whether within without".split()
)
"""Words that are no verbs although `it` follows."""

_DONE = re.compile(r"\s*(?:\w+ly\s+)?\w{2,}ed\b(?!\s+\w+ed\b)", re.IGNORECASE)
"""What is to be done next, behind `then`: `trimmed`."""

_THEN = re.compile(r"\b(?:then|finally|after|before|once)\b", re.IGNORECASE)
_LISTING = re.compile(
    r"\b(?:with|including|containing|featuring|between|of|from|both|for|these|those)\b[^.]*$",
    re.IGNORECASE,
)
"""What opens a list of parts: `a page with chapters, a transcript and tags` is one wish."""

_PORTRAYS = re.compile(
    r"\b(?:(?:that|which)\s+(?:features?|contains?|includes?|shows?|depicts?)|featuring|containing|"
    r"including|showing|depicting|such as)\s[^.]*$",
    re.IGNORECASE,
)
_NO_ARTICLE = re.compile(r"(?!(?:an?|the|my|our|your|its|some|one)\b)\w", re.IGNORECASE)
"""How one more of the things begins that something shows: `that features trees, cats, cars`."""

_STARTS_FROM = re.compile(
    r"\s*(?:(?:now|then|next|finally|also)\b[\s,]*)?"
    r"(?:with|given|from|for|in|on|based on|according to|conditioned on|considering)\s+"
    r"(?:(?:the|this|that|these|those|a|an|my|our|your|its)\s+)?"
    rf"(?:(?:[^\W_]+\s+){{0,3}}{MARKER.pattern}(?:[\s,]*(?:and\s+)?{MARKER.pattern})*|[^\W_]+)\s*",
    re.IGNORECASE,
)
"""How a sentence opens that first says what its wish starts from: `with the depth map a.png, `."""

_NOT_VERBS = frozenset(stem(word) for word in ("the", "a", "an", "this", "that", "text", "sound"))


def verbs_of_tool(card: ToolCard) -> frozenset[str]:
    """Stems of the verbs with which people ask for a tool: the first words of its card."""
    found = set()
    for phrase in (card.name.replace("_", " "), card.summary, *card.examples):
        first = _WORD.search(phrase)
        if first and first.group().lower() not in STOP_WORDS:
            found.add(stem(first.group().lower()))
    return frozenset(found - _NOT_VERBS)


def verbs_of(cards: Iterable[ToolCard]) -> frozenset[str]:
    """Stems of the verbs with which people ask for anything of a catalogue."""
    return ASKING.union(*map(verbs_of_tool, cards))


def head_verb(clause: str, verbs: frozenset[str]) -> str:
    """The stem of the first verb of asking in a clause; empty when there is none."""
    stems = (stem(word.lower()) for word in _WORD.findall(clause) if not _is_adverb(word.lower()))
    return next((word for word in stems if word in verbs), "")


def _is_adverb(word: str) -> bool:
    """Whether a word is one by its form: `visually` asks to visualize nothing, `apply` is none."""
    return word.endswith("ly") and not stem(word).endswith("li")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a catalogue.

    Attributes:
        verbs: Stems that begin a wish.
        names_a_goal: Whether a few words name something that can be made or done.
        begins_with_a_type: Whether a text begins with the name of a type, after an article.
    """

    verbs: frozenset[str]
    names_a_goal: Callable[[str], bool]
    begins_with_a_type: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Span:
    """A clause by its place in the marked text.

    Attributes:
        text: Its words.
        start: Where it begins.
        sentence: Which sentence it is part of.
        is_question: Whether it is a question that wants an answer.
        hands_over: Whether it hands something over ("I have a photo") instead of asking.
    """

    text: str
    start: int
    sentence: int
    is_question: bool = False
    hands_over: bool = False


def split_clauses(text: str, vocabulary: Vocabulary) -> list[Span]:
    """The clauses of a marked text, in order; markers stay whole.

    Args:
        text: The marked text.
        vocabulary: Of the catalogue.

    Returns:
        The clauses; O(characters) but for the vocabulary, asked once for each joint.
    """
    clauses: list[Span] = []
    for number, (begin, sentence) in enumerate(_sentences(text)):
        if asks(sentence):
            clauses.append(Span(sentence.strip(), begin, number, is_question=True))
            continue
        handing = bool(_CONTEXT.match(sentence))
        for start, part in _in_order_of_doing(sentence, _parts(sentence, vocabulary)):
            handing = handing and not (start and _starts_wish(part, vocabulary.verbs))
            if _WORD.search(part) or any(not c.isascii() for c in part):
                at = begin + start + len(part) - len(part.lstrip(" ,"))
                is_question = not start and bool(_WANTS_ANSWER.match(part))
                clauses.append(Span(part.strip(" ,"), at, number, is_question, handing))
    return [clause for clause in clauses if clause.text.strip(" ,.!?")]


def asks(sentence: str) -> bool:
    """Whether a sentence is a question about something, not a wish in the form of a question."""
    asked = " ".join(sentence.split())
    lead = _LEADING.match(asked)
    return asked.endswith("?") and bool(_ASKS.match(asked[lead.end() :] if lead else asked))


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    begin = 0
    for end in _SENTENCE_END.finditer(text):
        yield begin, text[begin : end.start()]
        begin = end.end()
    yield begin, text[begin:]


def _parts(sentence: str, vocabulary: Vocabulary) -> Iterator[tuple[int, str]]:
    """A sentence, cut where something new is wished."""
    # the patterns are quadratic in the length of a run of blanks; places must stay as they are
    smooth = _BLANKS.sub(lambda run: "\0" * (len(run.group()) - 1) + " ", sentence)
    patterns = (_JOINT, _TO_DO, _BY_DOING, _AS)
    joints = [joint for pattern in patterns for joint in pattern.finditer(smooth)]
    begin = 0
    for joint in sorted(joints, key=lambda match: match.start()):
        if joint.start() <= begin:
            continue
        before = smooth[max(begin, joint.start() - _VIEW) : joint.start()]
        following = smooth[joint.end() : joint.end() + _VIEW]
        is_list = _LISTING.search(before) and not _THEN.search(joint.group())
        if is_list and vocabulary.begins_with_a_type(following):
            continue
        if _PORTRAYS.search(before) and _is_one_more(following, vocabulary.verbs):
            continue
        if begin == 0 and _STARTS_FROM.fullmatch(smooth, 0, min(joint.start(), _VIEW)):
            continue
        if _begins_anew(joint, before, following, vocabulary):
            yield begin, sentence[begin : joint.start()]
            begin = joint.end()
    yield begin, sentence[begin:]


def _in_order_of_doing(sentence: str, parts: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """The parts of a sentence, of which what is to be done `after ...` or `before ...` moves."""
    opening: list[tuple[int, str]] = []
    ordered: list[tuple[int, str]] = []
    opens = bool(_DONE_LAST.match(sentence))
    earlier: re.Match[str] | None = None  # what opened the part before, when that is done earlier
    end = at = 0
    for begin, part in parts:
        joint = sentence[end:begin]
        end = begin + len(part)
        opens = opens and bool(not _NO_MORE.search(joint) or _DOING.match(part))
        if opens:
            opening.append((begin, part))
            continue
        follows = _DONE_FIRST.match(joint + part[:_VIEW]) if ordered else None
        if follows:
            at -= 1  # right before the part that it follows
        elif not (earlier and _is_as_early(earlier, joint, part)):
            at = len(ordered)
        earlier = follows or (earlier if at < len(ordered) else None)
        ordered.insert(at, (begin, part))
        at += 1
    return ordered + opening


def _is_as_early(earlier: re.Match[str], joint: str, part: str) -> bool:
    """Whether a part is of those that `after ...` opened: `after cleaning it and reading it`."""
    if not _AND.fullmatch(joint):
        return bool(_IN_ORDER_TO.fullmatch(joint))
    return bool(_DOING.match(part)) or (earlier[1] is not None and "," not in joint)


def begins_with_verb(part: str, verbs: frozenset[str]) -> bool:
    """Whether words begin with what is to be done.

    Args:
        part: The words.
        verbs: Stems of the verbs that a catalogue knows; before `it` any other will do.
    """
    to_be = _TO_BE.match(part[:80])
    if to_be and stem(to_be[1].lower()) in verbs:
        return True
    return does(part, "it|them") or stem(_first_word(part)) in verbs


def does(part: str, objects: str) -> bool:
    """Whether words begin with a verb, whichever, as some object follows: `upload it`.

    Args:
        part: The words.
        objects: A pattern of what may follow.
    """
    verb = re.match(rf"\s*(?:\w+ly\s+)?([a-z]{{3,}})\s+(?:{objects})\b", part[:80], re.IGNORECASE)
    return verb is not None and not (verb[1].lower() in _NO_VERBS or _is_adverb(verb[1].lower()))


def _starts_wish(part: str, verbs: frozenset[str]) -> bool:
    return _first_word(part) in _SUBJECTS or begins_with_verb(part, verbs)


def _first_word(part: str) -> str:
    """The first word that is no adverb."""
    words = (word.lower() for word in _WORD.findall(part[:80]))
    return next((word for word in words if word not in _ADVERBS and not _is_adverb(word)), "")


def _is_one_more(following: str, verbs: frozenset[str]) -> bool:
    """Whether a list of what is seen in something goes on."""
    return bool(_NO_ARTICLE.match(following)) and not _starts_wish(following, verbs)


def _begins_anew(joint: re.Match[str], before: str, following: str, vocabulary: Vocabulary) -> bool:
    if joint.re is _AS:
        form = following.split(maxsplit=1)[1]
        return not _IS_NO_FORM.search(before) and vocabulary.begins_with_a_type(form)
    if joint.re is not _JOINT:
        first = _WORD.search(following)
        return first is not None and stem(first.group().lower()) in vocabulary.verbs
    if _starts_wish(following, vocabulary.verbs):
        return True
    if _GOES_ON.match(following):
        return False
    if "then" in joint.group().lower() and _DONE.match(following):
        return True
    if MARKER.match(following.lstrip()):
        return False  # one more file, quotation or number of a list
    return vocabulary.names_a_goal(_without_adverbs(_JOINT.split(following, maxsplit=1)[0]))


def _without_adverbs(words: str) -> str:
    """Words but for their adverbs, which name nothing that could be made: `visually appealing`."""
    return _WORD.sub(lambda word: "" if _is_adverb(word.group().lower()) else word.group(), words)
