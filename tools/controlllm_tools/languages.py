"""Which language a text is in: the naive Bayes classifier of langid, on languages with a name here.

After Lui and Baldwin, "langid.py: an off-the-shelf language identification tool" (ACL 2012); the
model comes inside the py3langid package.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the model loads when a text is read, not when a tool is listed
    from py3langid.langid import LanguageIdentifier

UNDETERMINED = "und"
"""The code of ISO 639-2 for a text that could be in any language."""
_SAMPLE_CHARS = 20_000

NAMES = {
    "af": "Afrikaans", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian",
    "bn": "Bengali", "br": "Breton", "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish",
    "de": "German", "el": "Greek", "en": "English", "eo": "Esperanto", "es": "Spanish",
    "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "ga": "Irish", "gl": "Galician", "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi",
    "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "is": "Icelandic",
    "it": "Italian", "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "km": "Khmer",
    "kn": "Kannada", "ko": "Korean", "la": "Latin", "lo": "Lao", "lt": "Lithuanian",
    "lv": "Latvian", "mk": "Macedonian", "ml": "Malayalam", "mn": "Mongolian", "mr": "Marathi",
    "ms": "Malay", "mt": "Maltese", "my": "Burmese", "ne": "Nepali", "nl": "Dutch",
    "nn": "Norwegian Nynorsk", "no": "Norwegian", "oc": "Occitan", "pa": "Punjabi", "pl": "Polish",
    "ps": "Pashto", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "si": "Sinhala",
    "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish",
    "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai", "tl": "Tagalog", "tr": "Turkish",
    "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
"""English names by their codes of ISO 639-1; other languages of the model are left out."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One language a text may be in.

    Attributes:
        code: ISO 639-1, or `und`.
        confidence: 0 to 1, comparable inside one text; low for a few words.
    """

    code: str
    confidence: float

    @property
    def name(self) -> str:
        """In English."""
        return NAMES.get(self.code, "no language that is known here")


def guesses(text: str, most: int = 3) -> tuple[Guess, ...]:
    """The likeliest languages of a text, the best first; of its first 20,000 characters."""
    ranked = _identifier().rank(text[:_SAMPLE_CHARS])
    # a text without any feature of the model is equally likely in all of them
    if not any(letter.isalpha() for letter in text) or ranked[0][1] - ranked[-1][1] < 1e-6:
        return (Guess(UNDETERMINED, 0.0),)
    return tuple(Guess(code, round(float(share), 3)) for code, share in ranked[:most])


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - the model is slow

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(NAMES))
    return identifier
