"""From words and their times to subtitles that can be read: short lines, short cues, no overlap.

Line lengths and times follow the usual guides of broadcasters: two lines of 42 characters, at most
six seconds, at least one.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from controlllm_tools.media.spans import Span
from controlllm_tools.media.subtitles import Cue

_PAUSE_S = 0.7
_SHORTEST_CUE_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CueLayout:
    """How much a cue may hold.

    Attributes:
        line_characters: Most characters of a line; a longer word is broken.
        lines: Most lines of a cue.
        longest_s: Most seconds of a cue; a longer word has its cue to itself.
    """

    line_characters: int = 42
    lines: int = 2
    longest_s: float = 6.0

    def cues(self, *runs: Sequence[Span]) -> list[Cue]:
        """Subtitles for runs of words in order of time, none reaching into the next.

        A cue ends with its run, at a pause, and before a line or the cue itself gets too long.
        """
        cues = [self._cue(gathered) for words in runs for gathered in self._groups(words)]
        ends = [min(cue.end_s, following.start_s) for cue, following in pairwise(cues)]
        ends += [cue.end_s for cue in cues[-1:]]
        # words that start at one time leave a cue a millisecond, or no reader would take it
        return [
            Cue(cue.start_s, max(end, round(cue.start_s + 0.001, 3)), cue.text)
            for cue, end in zip(cues, ends, strict=True)
        ]

    def _groups(self, words: Sequence[Span]) -> Iterator[list[Span]]:
        gathered: list[Span] = []
        for word in words:
            if gathered and not self._fits([*gathered, word]):
                yield gathered
                gathered = []
            gathered.append(word)
        if gathered:
            yield gathered

    def _fits(self, words: Sequence[Span]) -> bool:
        return (
            words[-1].start_s - words[-2].end_s <= _PAUSE_S
            and words[-1].end_s - words[0].start_s <= self.longest_s
            and len(self._wrapped(words)) <= self.lines
        )

    def _cue(self, words: Sequence[Span]) -> Cue:
        start_s = round(words[0].start_s, 3)
        end_s = round(max(words[-1].end_s, start_s + _SHORTEST_CUE_S), 3)
        return Cue(start_s, end_s, "\n".join(self._wrapped(words)))

    def _wrapped(self, words: Sequence[Span]) -> list[str]:
        line = " ".join(word.label for word in words)
        return textwrap.wrap(line, self.line_characters)
