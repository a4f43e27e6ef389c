"""What is said in a recording, with the time of each word."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.cue_layout import CueLayout
from controlllm_tools.media.sound import sound_facts
from controlllm_tools.media.spans import Span
from controlllm_tools.media.subtitles import Cue
from controlllm_tools.media.voice_activity import stretches
from controlllm_tools.media.word_listener import WordListener
from controlllm_tools.tool import ToolContext


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words of each stretch of speech, in order; no stretch is without words."""

    stretches: tuple[tuple[Span, ...], ...]

    @property
    def words(self) -> tuple[Span, ...]:
        """All words."""
        return tuple(word for stretch in self.stretches for word in stretch)

    @property
    def text(self) -> str:
        """A line for each stretch."""
        return "\n".join(" ".join(word.label for word in words) for words in self.stretches)

    def cues(self) -> tuple[Cue, ...]:
        """Subtitles of at most two lines of 42 characters and six seconds."""
        return tuple(CueLayout().cues(*self.stretches))


class Transcriber:
    """Writes down English speech, with the model that comes inside pocketsphinx."""

    def __init__(self) -> None:
        self._listener = WordListener()

    def write_down(self, path: Path, shown: str, context: ToolContext) -> Transcript:
        """Find the stretches of speech in a file, and recognise the words of each.

        Args:
            path: Sound, or a video with sound.
            shown: What its user calls it.
            context: Of the call.

        Raises:
            InvalidInput: The file has no sound, or no speech was found in it.
        """
        seconds = sound_facts(path).duration_s or 0.0
        self._listener.forget()
        said: list[tuple[Span, ...]] = []
        for stretch in stretches(path, context):
            context.check()
            if words := self._listener.words(stretch):
                said.append(words)
            context.progress(min(1.0, stretch.end_s / max(seconds, 1e-3)), "listening")
        if not said:
            msg = f"no speech was found in {shown}"
            raise InvalidInput(msg)
        return Transcript(tuple(said))
