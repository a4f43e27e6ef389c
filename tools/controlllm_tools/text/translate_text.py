"""Translate a text by rules, with the program apertium and the language pairs installed for it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

from controlllm_tools.errors import InvalidInput, ToolFailed, ToolUnavailable, Transient
from controlllm_tools.languages import NAMES, UNDETERMINED, guesses
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_THREE_LETTERS = {
    "english": ("en", "eng"), "spanish": ("es", "spa"), "french": ("fr", "fra"),
    "catalan": ("ca", "cat"), "portuguese": ("pt", "por"), "italian": ("it", "ita"),
    "galician": ("gl", "glg"), "occitan": ("oc", "oci"), "basque": ("eu", "eus"),
    "romanian": ("ro", "ron"), "esperanto": ("eo", "epo"), "danish": ("da", "dan"),
    "swedish": ("sv", "swe"), "norwegian": ("no", "nob"), "dutch": ("nl", "nld"),
    "afrikaans": ("af", "afr"), "russian": ("ru", "rus"), "ukrainian": ("uk", "ukr"),
    "belarusian": ("be", "bel"), "polish": ("pl", "pol"), "serbian": ("sr", "srp"),
    "croatian": ("hr", "hrv"), "slovenian": ("sl", "slv"), "macedonian": ("mk", "mkd"),
    "bulgarian": ("bg", "bul"), "turkish": ("tr", "tur"), "kazakh": ("kk", "kaz"),
    "icelandic": ("is", "isl"), "welsh": ("cy", "cym"), "indonesian": ("id", "ind"),
    "malay": ("ms", "msa"),
}  # fmt: skip
"""Codes of ISO 639-1 and 639-3; the name of a pair is made of one or the other."""

_LONGEST_CHARS = 200_000
_BLOCK_CHARS = 8_000
_LISTING_S = 20.0
_UNKNOWN = re.compile(r"\*(?=\w)")


class TranslateText(CpuTool):
    """Apertium (Forcada et al., Machine Translation 25, 2011), a separate program.

    Words that its dictionaries do not know stay as they are; the caption tells how many.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Translate.

        Returns:
            `translation`: the text in the other language, paragraph by paragraph; as it is when it
            is in that language already.

        Raises:
            InvalidInput: The text is empty, too long, or its language cannot be told.
            ToolUnavailable: The program or the pair of languages is not installed.
            ToolFailed: The program broke down.
        """
        text = inputs.text("text")
        if not text.strip() or len(text) > _LONGEST_CHARS:
            msg = f"the text has {len(text)} characters; from 1 to {_LONGEST_CHARS} are translated"
            raise InvalidInput(msg)
        source = inputs.text("from_language", "detect")
        if source == "detect":
            source = _language_of(text)
        target = inputs.text("language", "spanish" if source == "english" else "english")
        if source == target:
            caption = f"the text is in {target.capitalize()} already"
            return {"translation": Output.of_text(text, name="translation.txt", caption=caption)}
        pair = _pair(source, target, context)
        done: list[str] = []
        for offset, block in _blocks(text):
            context.check()
            context.progress(offset / len(text), f"translating from {source} to {target}")
            done.append(_apertium(["-f", "txt", pair], block, context))
        marked = "".join(done)
        unknown = len(_UNKNOWN.findall(marked)) - len(_UNKNOWN.findall(text))
        caption = f"{source} to {target}" + (f", {unknown} words unknown" if unknown > 0 else "")
        translation = _UNKNOWN.sub("", marked)
        return {"translation": Output.of_text(translation, name="translation.txt", caption=caption)}


def _language_of(text: str) -> str:
    best = guesses(text)[0]
    name = NAMES.get(best.code, "").lower()
    if best.code == UNDETERMINED or name not in _THREE_LETTERS:
        known = ", ".join(sorted(_THREE_LETTERS))
        msg = f"the text seems to be in {best.name}; say from_language, one of: {known}"
        raise InvalidInput(msg)
    return name


def _pair(source: str, target: str, context: ToolContext) -> str:
    """The name of the installed pair, such as `eng-spa`."""
    installed = sorted(set(_apertium(["-l"], "", context).split()))
    for pair in installed:
        parts = re.split(r"[-_]", pair)
        if parts[0] in _THREE_LETTERS[source] and parts[1:2] and parts[1] in _THREE_LETTERS[target]:
            return pair
    (_, a), (_, b) = _THREE_LETTERS[source], _THREE_LETTERS[target]
    msg = (
        f"apertium has no pair from {source} to {target} here, only: "
        f"{', '.join(installed) or 'none'}; look for one with apt-cache search apertium, "
        f"such as apt-get install apertium-{a}-{b}"
    )
    raise ToolUnavailable(msg)


def _apertium(arguments: list[str], text: str, context: ToolContext) -> str:
    listing = arguments == ["-l"]
    timeout_s = min(_LISTING_S if listing else 3_600.0, max(0.1, context.remaining_s()))
    try:
        ended = subprocess.run(
            ["apertium", *arguments],  # noqa: S607 - the operator's PATH decides, as for all programs
            input=text.encode(),
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
    except FileNotFoundError as error:
        msg = "the program apertium is not installed; apt-get install apertium apertium-eng-spa"
        raise ToolUnavailable(msg) from error
    except subprocess.TimeoutExpired as error:
        msg = f"apertium did not end within {timeout_s:.0f} s"
        raise Transient(msg) from error
    if ended.returncode and not listing:
        said = ended.stderr.decode(errors="replace").strip()[-200:]
        msg = f"apertium ended with {ended.returncode}: {said}"
        raise ToolFailed(msg)
    return ended.stdout.decode(errors="replace")


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Stretches that end at a line break, so that no sentence is torn."""
    begin = 0
    while begin < len(text):
        end = begin + _BLOCK_CHARS
        if end < len(text):
            cut = text.rfind("\n", begin, end)
            blank = text.rfind(" ", begin, end)
            end = cut + 1 if cut > begin else blank + 1 if blank > begin else end
        yield begin, text[begin:end]
        begin = end
