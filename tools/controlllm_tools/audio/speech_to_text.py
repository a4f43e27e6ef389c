"""Write down what is said, and make subtitles of it."""

from __future__ import annotations

from controlllm_tools.media.subtitles import to_srt
from controlllm_tools.media.transcript import Transcriber
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext


class SpeechToText(CpuTool):
    """English speech recognition with the acoustic model that comes inside pocketsphinx."""

    def load(self, device: str) -> None:
        """Read the acoustic model, the language model and the dictionary."""
        CpuTool.load(self, device)
        self._transcriber = Transcriber()

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Find the stretches of speech, and recognise each.

        Returns:
            `transcript`: a line for each stretch. `subtitles`: SubRip, at most two lines of 42
            characters and six seconds a cue.

        Raises:
            InvalidInput: The file has no sound, or no speech was found in it.
        """
        path = inputs.file("audio")
        shown = inputs.one("audio").resource.name or path.name
        said = self._transcriber.write_down(path, shown, context)
        cues = said.cues()
        caption = f"{len(said.words)} words: {said.text[:80]}"
        return {
            "transcript": Output.of_text(said.text, name="transcript.txt", caption=caption),
            "subtitles": Output.of_text(
                to_srt(cues), name="subtitles.srt", caption=f"{len(cues)} subtitles"
            ),
        }
