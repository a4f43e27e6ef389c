"""Divide a video into titled chapters, by what is said and by how the picture changes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.headline import title_of
from controlllm_tools.media.movies import video_facts
from controlllm_tools.media.ranges import Range
from controlllm_tools.media.spans import Span, Spans
from controlllm_tools.media.subtitles import Cue, read_subtitles
from controlllm_tools.media.words import Language, language_of
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.find_scenes import cut_times

_COUNT = Range(1, 50)
_USUAL_S, _LEAST_S = 120.0, 12.0
_MOST_BY_ITSELF = 12
_BLOCK = 6
"""Cues on either side that are compared."""

_OF_A_CUT, _NEAR_CUT_S, _OF_A_PAUSE, _LONG_PAUSE_S = 0.35, 2.5, 0.25, 3.0


class VideoChapters(CpuTool):
    """Chapters where the words change, rather at a pause and at a cut than elsewhere.

    Source: TextTiling (Hearst 1997): neighbouring blocks of words are compared by the terms they
    share, and a chapter begins where they share least.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Choose the borders, and name each chapter by its own words.

        Returns:
            `chapters`: one stretch for each chapter, without gaps, from 0 to the end.

        Raises:
            InvalidInput: The file is no video, the subtitles cannot be read or none is due while
                the video lasts, or the count is out of range.
        """
        path = inputs.file("video")
        seconds = video_facts(path).duration_s or 0.0
        cues = [cue for cue in read_subtitles(inputs.text("subtitles")) if cue.start_s < seconds]
        if not cues:
            msg = f"every cue of the subtitles comes after the end of the video, {seconds:.1f} s"
            raise InvalidInput(msg)
        usual = min(_MOST_BY_ITSELF, max(1, round(seconds / _USUAL_S) + (seconds > 2 * _LEAST_S)))
        count = round(_COUNT.read(inputs, "count", usual))
        strengths = border_strengths(cues, cut_times(path, context))
        borders = choose_borders(cues, strengths, count, seconds)
        chapters = Spans(
            spans=tuple(
                Span(start_s=start_s, end_s=end_s, label=_name(cues, start_s, end_s, number))
                for number, (start_s, end_s) in enumerate(pairwise([0.0, *borders, seconds]), 1)
            )
        )
        shown = f"{len(chapters.spans)} chapters: " + "; ".join(s.label for s in chapters.spans)
        made = Output.of_json(chapters.to_json(), name="chapters.json", caption=shown)
        return {"chapters": made}


def border_strengths(cues: Sequence[Cue], cuts_s: Sequence[float]) -> list[float]:
    """How good a border before each cue but the first would be."""
    language = language_of(" ".join(cue.text for cue in cues))
    terms = [_terms(cue, language) for cue in cues]
    strengths = []
    for index in range(1, len(cues)):
        before = _together(terms[max(0, index - _BLOCK) : index])
        after = _together(terms[index : index + _BLOCK])
        pause_s = max(0.0, cues[index].start_s - cues[index - 1].end_s)
        near = any(abs(cut_s - cues[index].start_s) <= _NEAR_CUT_S for cut_s in cuts_s)
        strengths.append(
            1.0
            - _likeness(before, after)
            + _OF_A_PAUSE * min(1.0, pause_s / _LONG_PAUSE_S)
            + _OF_A_CUT * near
        )
    return strengths


def choose_borders(
    cues: Sequence[Cue], strengths: Sequence[float], count: int, seconds: float
) -> list[float]:
    """The strongest borders that leave every chapter a least length, in order of time."""
    least_s = min(_LEAST_S, seconds / (2 * count))
    taken = [0.0, seconds]
    ranked = sorted(range(len(strengths)), key=lambda index: (-strengths[index], index))
    for index in ranked:
        if len(taken) > count:
            break
        at_s = cues[index + 1].start_s
        if all(abs(at_s - other) >= least_s for other in taken):
            taken.append(at_s)
    return sorted(taken)[1:-1]


def _terms(cue: Cue, language: Language) -> list[str]:
    return language.terms(cue.text)


def _together(terms: Sequence[list[str]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for each in terms:
        for term in each:
            counts[term] = counts.get(term, 0) + 1
    return counts


def _likeness(before: dict[str, int], after: dict[str, int]) -> float:
    """Cosine of two counts of terms; 0 when one is empty."""
    product = sum(count * after.get(term, 0) for term, count in before.items())
    lengths = sum(c * c for c in before.values()) * sum(c * c for c in after.values())
    return float(product / lengths**0.5) if lengths else 0.0


def _name(cues: Sequence[Cue], start_s: float, end_s: float, number: int) -> str:
    said = " ".join(cue.text.replace("\n", " ") for cue in cues if start_s <= cue.start_s < end_s)
    return title_of(said) if said.strip() else f"Part {number}"
