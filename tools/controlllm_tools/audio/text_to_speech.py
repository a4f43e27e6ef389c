"""Read a text aloud with eSpeak NG."""

from __future__ import annotations

from controlllm_tools.media.sound import sound_facts
from controlllm_tools.media.speech import USUAL_WPM, Voice, speak
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext


class TextToSpeech(CpuTool):
    """A voice made by formant synthesis: plain, quick and clear."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Speak.

        Returns:
            `speech`: FLAC, 22,050 Hz, mono.

        Raises:
            InvalidInput: The text is empty, too long, or holds nothing to be spoken.
        """
        voice = Voice(
            language=inputs.text("language", "english-us"),
            kind=inputs.text("voice", "woman"),
            words_a_minute=inputs.number("speed", USUAL_WPM),
            pitch=inputs.number("pitch", 50),
        )
        target = speak(inputs.text("text"), voice, context)
        seconds = sound_facts(target).duration_s or 0.0
        return {"speech": Output.of_file(target, caption=f"{seconds:.1f} s of speech")}
