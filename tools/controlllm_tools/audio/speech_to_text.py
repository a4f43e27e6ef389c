"""Write down what is said, with the time of each word, and make subtitles of it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.sound import sound_facts
from controlllm_tools.media.subtitles import Cue, to_srt
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

RATE_HZ = 16_000
LINE_CHARACTERS = 42
LONGEST_CUE_S = 6.0

_BYTES_A_SECOND = 2 * RATE_HZ
_LONGEST_STRETCH_S = 20.0
_FRAMES_A_SECOND = 100
_SLOWEST_SPEECH_WORDS_A_SECOND = 1.2
_LONG_ENOUGH_TO_JUDGE_S = 3.0
_PAUSE_S = 0.7
_LINES_OF_A_CUE = 2
_SHORTEST_CUE_S = 1.0


@dataclass(frozen=True, slots=True)
class Word:
    """One word and when it was said, in seconds."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Sound in which somebody may speak: where it starts, and its 16-bit samples."""

    start_s: float
    pcm: bytes


class SpeechToText(CpuTool):
    """English speech recognition with the acoustic model that comes inside pocketsphinx."""

    def load(self, device: str) -> None:
        """Read the acoustic model, the language model and the dictionary."""
        from pocketsphinx import Decoder

        CpuTool.load(self, device)
        self._decoder: Any = Decoder(samprate=RATE_HZ, loglevel="FATAL")

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Find the stretches of speech, and recognise each.

        Returns:
            `transcript`: a line for each stretch. `subtitles`: SubRip, at most two lines of 42
            characters and six seconds a cue.

        Raises:
            InvalidInput: The file has no sound, or no speech was found in it.
        """
        path = inputs.file("audio")
        seconds = sound_facts(path).duration_s or 0.0
        # forget the voice of the call before, or results would depend on it
        self._decoder.reinit_feat()
        said: list[tuple[Word, ...]] = []
        for stretch in _stretches(path, context):
            context.check()
            if words := self._recognise(stretch):
                said.append(words)
            done = stretch.start_s + len(stretch.pcm) / _BYTES_A_SECOND
            context.progress(min(1.0, done / max(seconds, 1e-3)), "listening")
        if not said:
            msg = f"no speech was found in {inputs.one('audio').resource.name or path.name}"
            raise InvalidInput(msg)
        transcript = "\n".join(_line(words) for words in said)
        cues = [cue for words in said for cue in cues_of(words)]
        shown = f"{sum(len(words) for words in said)} words: {transcript[:80]}"
        return {
            "transcript": Output.of_text(transcript, name="transcript.txt", caption=shown),
            "subtitles": Output.of_text(
                to_srt(_apart(cues)), name="subtitles.srt", caption=f"{len(cues)} subtitles"
            ),
        }

    def _recognise(self, stretch: _Stretch) -> tuple[Word, ...]:
        """The words of a stretch, or none when it does not sound like speech.

        Music and noise yield a few words, too, but much fewer a second than people say.
        """
        self._decoder.start_utt()
        self._decoder.process_raw(stretch.pcm, full_utt=True)
        self._decoder.end_utt()
        words: list[Word] = []
        for segment in self._decoder.seg() or ():
            if segment.word[0] in "<[+":
                continue  # silence, breath or noise
            start_s, end_s = (
                stretch.start_s + frame / _FRAMES_A_SECOND
                for frame in (segment.start_frame, segment.end_frame + 1)
            )
            words.append(Word(start_s, end_s, _spelled(segment.word, is_first=not words)))
        seconds = len(stretch.pcm) / _BYTES_A_SECOND
        sparse = len(words) < _SLOWEST_SPEECH_WORDS_A_SECOND * seconds
        return () if sparse and seconds > _LONG_ENOUGH_TO_JUDGE_S else tuple(words)


def cues_of(words: Sequence[Word]) -> Iterator[Cue]:
    """Subtitles for words: broken at pauses, and before a line or a cue gets too long."""
    gathered: list[Word] = []
    for word in words:
        if gathered and not _fits([*gathered, word]):
            yield _cue(gathered)
            gathered = []
        gathered.append(word)
    if gathered:
        yield _cue(gathered)


def _fits(words: Sequence[Word]) -> bool:
    lines = textwrap.wrap(_line(words), LINE_CHARACTERS)
    return (
        words[-1].start_s - words[-2].end_s <= _PAUSE_S
        and words[-1].end_s - words[0].start_s <= LONGEST_CUE_S
        and len(lines) <= _LINES_OF_A_CUE
    )


def _cue(words: Sequence[Word]) -> Cue:
    start_s = round(words[0].start_s, 3)
    end_s = round(max(words[-1].end_s, start_s + _SHORTEST_CUE_S), 3)
    return Cue(start_s, end_s, "\n".join(textwrap.wrap(_line(words), LINE_CHARACTERS)))


def _apart(cues: Sequence[Cue]) -> list[Cue]:
    """The cues, none reaching into the next."""
    ends = [min(cue.end_s, following.start_s) for cue, following in pairwise(cues)]
    ends += [cue.end_s for cue in cues[-1:]]
    return [Cue(cue.start_s, end, cue.text) for cue, end in zip(cues, ends, strict=True)]


def _spelled(word: str, *, is_first: bool) -> str:
    """A word of the dictionary, without the number of its pronunciation, as it is written."""
    text = re.sub(r"\(\d+\)$", "", word)
    capital = is_first or re.fullmatch(r"i('.+)?", text)
    return text[:1].upper() + text[1:] if capital else text


def _line(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def _stretches(path: Path, context: ToolContext) -> Iterator[_Stretch]:
    """Stream the sound and cut out where a voice may be; a long stretch is cut in a quiet moment.

    The detector of voice activity is the one of WebRTC, inside pocketsphinx.
    """
    from pocketsphinx import Endpointer

    detector: Any = Endpointer(sample_rate=RATE_HZ)
    size = detector.frame_bytes
    options = ["-vn", "-ac", "1", "-ar", str(RATE_HZ), "-f", "s16le"]
    with ffmpeg.raw_stream([ffmpeg.Input(path)], options, context) as stream:
        gathered, start_s, ended = b"", 0.0, False
        while not ended:
            frame = stream.read(size)
            ended = len(frame) < size
            # the end wants at least one sample
            heard = detector.end_stream(frame or b"\0\0") if ended else detector.process(frame)
            if heard is not None:
                if not gathered:
                    start_s = detector.speech_start
                gathered += heard
            if gathered and (ended or not detector.in_speech):
                yield _Stretch(start_s, gathered)
                gathered = b""
            elif len(gathered) >= _LONGEST_STRETCH_S * _BYTES_A_SECOND:
                cut = _quietest(gathered)
                yield _Stretch(start_s, gathered[:cut])
                start_s, gathered = start_s + cut / _BYTES_A_SECOND, gathered[cut:]


def _quietest(pcm: bytes) -> int:
    """The byte position of the quietest tenth of a second in the last quarter."""
    import numpy as np

    window = RATE_HZ // 10
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
    windows = samples[: len(samples) // window * window].reshape(-1, window)
    energy = np.square(windows).mean(axis=1)
    first = len(windows) * 3 // 4
    return int((first + int(energy[first:].argmin()) + 0.5) * window) * 2
