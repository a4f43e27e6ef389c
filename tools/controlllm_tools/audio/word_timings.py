"""Find out when each word of a recording is spoken."""

from __future__ import annotations

from pathlib import Path

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.effects import length_of
from controlllm_tools.media.spans import Span, Spans
from controlllm_tools.media.transcript import Transcriber
from controlllm_tools.media.voice_activity import RATE_HZ
from controlllm_tools.media.word_listener import TextAligner
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

LONGEST_ALIGNED_S = 3_600.0


class WordTimings(CpuTool):
    """The times of words that are heard, or of a text that is known."""

    def load(self, device: str) -> None:
        """Nothing yet: which of the two models is needed shows in the call."""
        CpuTool.load(self, device)
        self._transcriber: Transcriber | None = None
        self._aligner: TextAligner | None = None

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Listen for words, or lay the transcript over the recording.

        Returns:
            `words`: JSON of `Spans`, one for each word, in order.

        Raises:
            InvalidInput: No speech is found, or the transcript does not fit the recording.
        """
        path = inputs.file("audio")
        shown = inputs.one("audio").resource.name or path.name
        if "transcript" in inputs:
            words = self._aligned(path, inputs.text("transcript"), shown, context)
        else:
            words = self._heard(path, shown, context)
        spans = Spans(spans=words)
        caption = f"{len(words)} words from {words[0].start_s:.1f} s to {words[-1].end_s:.1f} s"
        return {"words": Output.of_json(spans.to_json(), name="words.json", caption=caption)}

    def _heard(self, path: Path, shown: str, context: ToolContext) -> tuple[Span, ...]:
        self._transcriber = self._transcriber or Transcriber()
        return self._transcriber.write_down(path, shown, context).words

    def _aligned(
        self, path: Path, transcript: str, shown: str, context: ToolContext
    ) -> tuple[Span, ...]:
        tokens = transcript.split()
        seconds = length_of(path)
        if not any(c.isalnum() for c in transcript):
            msg = "the transcript holds no word; leave it out to have the words recognised"
            raise InvalidInput(msg)
        if seconds > LONGEST_ALIGNED_S:
            msg = f"{shown} lasts {seconds:.0f} s; a transcript is laid over up to 3600 s; split it"
            raise InvalidInput(msg)
        self._aligner = self._aligner or TextAligner()
        words = self._aligner.words(tokens, _pcm(path, context), context)
        if not words:
            msg = (
                f"the transcript does not fit {shown}; it must hold all the words that are spoken, "
                "in English, and no others; leave it out to have the words recognised"
            )
            raise InvalidInput(msg)
        return words


def _pcm(path: Path, context: ToolContext) -> bytes:
    """The whole recording as the aligner takes it."""
    options = ["-map", "0:a:0", "-vn", "-ac", "1", "-ar", str(RATE_HZ), "-f", "s16le"]
    with ffmpeg.raw_stream([ffmpeg.Input(path)], options, context) as stream:
        return stream.read()
