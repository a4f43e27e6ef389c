"""Words and their times: heard in stretches of speech, or a known text laid over a recording.

Both with the English acoustic model that comes inside pocketsphinx.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from controlllm_tools.media.pronunciation import phones, words_of
from controlllm_tools.media.spans import Span
from controlllm_tools.media.voice_activity import RATE_HZ, Stretch
from controlllm_tools.tool import ToolContext

_FRAMES_A_SECOND = 100
_SLOWEST_SPEECH_WORDS_A_SECOND = 1.2
_LONG_ENOUGH_TO_JUDGE_S = 3.0
_CHUNK_BYTES = 2 * RATE_HZ


class WordListener:
    """Recognises the words of stretches of speech, with a language model of English."""

    def __init__(self) -> None:
        from pocketsphinx import Decoder

        self._decoder: Any = Decoder(samprate=RATE_HZ, loglevel="FATAL")

    def forget(self) -> None:
        """Forget the voice of the recording before, or results would depend on it."""
        self._decoder.reinit_feat()

    def words(self, stretch: Stretch) -> tuple[Span, ...]:
        """The words of a stretch, or none when it does not sound like speech.

        Music and noise yield a few words, too, but much fewer a second than people say.
        """
        self._decoder.start_utt()
        self._decoder.process_raw(stretch.pcm, full_utt=True)
        self._decoder.end_utt()
        words: list[Span] = []
        for segment in self._decoder.seg() or ():
            if _is_filler(segment.word):
                continue
            label = _spelled(segment.word, is_first=not words)
            words.append(_span(segment, stretch.start_s, label))
        sparse = len(words) < _SLOWEST_SPEECH_WORDS_A_SECOND * stretch.seconds
        return () if sparse and stretch.seconds > _LONG_ENOUGH_TO_JUDGE_S else tuple(words)


class TextAligner:
    """Lays a known text over a recording (forced alignment)."""

    def __init__(self) -> None:
        from pocketsphinx import Decoder

        self._decoder: Any = Decoder(samprate=RATE_HZ, loglevel="FATAL", lm=None)

    def words(self, tokens: Sequence[str], pcm: bytes, context: ToolContext) -> tuple[Span, ...]:
        """When each word of a text is spoken.

        Args:
            tokens: The words as they are written; punctuation may stick to them.
            pcm: The whole recording, 16 bit, mono, 16 kHz.
            context: Of the call.

        Returns:
            A span for each token that can be spoken; none when the text does not fit the sound.
        """
        spoken = [(token, words) for token in tokens if (words := words_of(token))]
        for word in {word for _, words in spoken for word in words}:
            if self._decoder.lookup_word(word) is None:
                self._decoder.add_word(word, phones(word), update=False)
        self._decoder.set_align_text(" ".join(word for _, words in spoken for word in words))
        self._decoder.reinit_feat()
        self._decoder.start_utt()
        for start in range(0, len(pcm), _CHUNK_BYTES):
            context.check()
            self._decoder.process_raw(pcm[start : start + _CHUNK_BYTES])
            context.progress(start / len(pcm), "aligning")
        self._decoder.end_utt()
        heard = [_span(each, 0.0, each.word) for each in self._decoder.seg() or ()
                 if not _is_filler(each.word)]  # fmt: skip
        if len(heard) != sum(len(words) for _, words in spoken):
            return ()
        found, position = [], 0
        for token, words in spoken:
            first, last = heard[position], heard[position + len(words) - 1]
            found.append(Span(start_s=first.start_s, end_s=last.end_s, label=token))
            position += len(words)
        return tuple(found)


def _is_filler(word: str) -> bool:
    """Silence, breath or noise."""
    return word[0] in "<[+"


def _span(segment: Any, start_s: float, label: str) -> Span:  # noqa: ANN401 - of pocketsphinx
    return Span(
        start_s=start_s + segment.start_frame / _FRAMES_A_SECOND,
        end_s=start_s + (segment.end_frame + 1) / _FRAMES_A_SECOND,
        label=label,
    )


def _spelled(word: str, *, is_first: bool) -> str:
    """A word of the dictionary, without the number of its pronunciation, as it is written."""
    text = re.sub(r"\(\d+\)$", "", word)
    capital = is_first or re.fullmatch(r"i('.+)?", text)
    return text[:1].upper() + text[1:] if capital else text
