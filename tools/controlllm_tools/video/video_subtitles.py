"""Make subtitles: of what is said in a video, or of words whose times are known."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.cue_layout import CueLayout
from controlllm_tools.media.movies import video_facts
from controlllm_tools.media.ranges import Range
from controlllm_tools.media.spans import Spans
from controlllm_tools.media.subtitles import to_srt
from controlllm_tools.media.transcript import Transcriber
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_CHARACTERS, _LINES, _SECONDS = Range(10, 100), Range(1, 4), Range(1, 20)


class VideoSubtitles(CpuTool):
    """Listens to the sound of a video and writes SubRip."""

    def load(self, device: str) -> None:
        """Read the models of the recogniser."""
        CpuTool.load(self, device)
        self._transcriber = Transcriber()

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Recognise.

        Returns:
            `subtitles`: SubRip, at most two lines of 42 characters and six seconds a cue.

        Raises:
            InvalidInput: The file is no video, has no sound, or no speech was found in it.
        """
        path = inputs.file("video")
        video_facts(path)
        shown = inputs.one("video").resource.name or path.name
        cues = self._transcriber.write_down(path, shown, context).cues()
        caption = f"{len(cues)} subtitles"
        return {"subtitles": Output.of_text(to_srt(cues), name="subtitles.srt", caption=caption)}


class SubtitlesFromWords(CpuTool):
    """Breaks timed words into cues of a wanted size."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Lay the words out.

        Returns:
            `subtitles`: SubRip.

        Raises:
            InvalidInput: The word times cannot be read or hold no word, or a number is out of
                range.
        """
        context.check()
        words = [word for word in Spans.from_json(inputs.text("words")).spans if word.label.strip()]
        if not words:
            msg = "the word times hold no word"
            raise InvalidInput(msg)
        layout = CueLayout(
            line_characters=round(_CHARACTERS.read(inputs, "line_characters", 42)),
            lines=round(_LINES.read(inputs, "lines", 2)),
            longest_s=_SECONDS.read(inputs, "longest_s", 6.0),
        )
        cues = layout.cues(words)
        caption = f"{len(cues)} subtitles of {len(words)} words"
        return {"subtitles": Output.of_text(to_srt(cues), name="subtitles.srt", caption=caption)}
