"""Read a text aloud with eSpeak NG, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import controlllm_tools
from controlllm_tools.errors import InvalidInput, ToolFailed
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.progress import stage
from controlllm_tools.media.sound import sound_facts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

LONGEST_TEXT = 120_000
_SLOWEST_WPM, _FASTEST_WPM, _USUAL_WPM = 80, 300, 150
_POLL_S = 0.1
_BYTES_A_CHARACTER = 2_800
"""About how much sound a character becomes, for the progress only."""

_PROGRAM = "controlllm_tools.audio.espeak_program"
_REASONS = {
    3: "eSpeak NG has no such voice; install espeakng-loader again",
    4: "the text holds nothing that can be spoken",
}
_LANGUAGES = {
    "english-us": "en-us", "english-gb": "en", "german": "de", "french": "fr", "spanish": "es",
    "italian": "it", "portuguese": "pt", "dutch": "nl", "swedish": "sv", "polish": "pl",
}  # fmt: skip
_VOICES = {"woman": "f5", "man": "m6", "soft": "klatt4", "whisper": "whisper"}
"""Variants that a speech recogniser understood best of those of their kind."""


class TextToSpeech(CpuTool):
    """A voice made by formant synthesis: plain, quick and clear."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Speak.

        Returns:
            `speech`: FLAC, 22,050 Hz, mono.

        Raises:
            InvalidInput: The text is empty, too long, or holds nothing to be spoken.
        """
        text = inputs.text("text").strip()
        if not any(character.isalnum() for character in text):
            msg = "there is no word to speak in the text"
            raise InvalidInput(msg)
        if len(text) > LONGEST_TEXT:
            msg = f"the text has {len(text)} characters, the limit is {LONGEST_TEXT}; split it"
            raise InvalidInput(msg)
        language = _LANGUAGES[inputs.text("language", "english-us")]
        voice = f"{language}+{_VOICES[inputs.text('voice', 'woman')]}"
        speed = min(_FASTEST_WPM, max(_SLOWEST_WPM, round(inputs.number("speed", _USUAL_WPM))))
        pitch = min(99, max(0, round(inputs.number("pitch", 50))))
        wav = _speak(text, (voice, str(speed), str(pitch)), stage(context, 0.0, 0.9))
        target = ffmpeg.convert(
            [ffmpeg.Input(wav)], ["-c:a", "flac", "-sample_fmt", "s16"],
            context.scratch / "speech.flac", stage(context, 0.9, 1.0),
        )  # fmt: skip
        wav.unlink()
        seconds = sound_facts(target).duration_s or 0.0
        return {"speech": Output.of_file(target, caption=f"{seconds:.1f} s of speech")}


def _speak(text: str, voice: tuple[str, str, str], context: ToolContext) -> Path:
    """Run the program; it is ended when the call is."""
    words, wav = context.scratch / "words.txt", context.scratch / "speech.wav"
    words.write_text(text, encoding="utf-8")
    expected_bytes = len(text) * _BYTES_A_CHARACTER
    home = Path(controlllm_tools.__file__).parent.parent
    with words.open("rb") as source, (context.scratch / "errors.txt").open("wb") as errors:
        process = subprocess.Popen(
            # -P: modules are never taken from the working folder
            [sys.executable, "-P", "-m", _PROGRAM, *voice, str(wav)],
            stdin=source,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=context.scratch,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(home)},
        )
        try:
            while _waits(process):
                context.check()
                written = wav.stat().st_size if wav.exists() else 0
                context.progress(min(1.0, written / expected_bytes), "speaking")
        finally:
            process.kill()
            process.wait()
    if process.returncode in _REASONS:
        raise InvalidInput(_REASONS[process.returncode])
    if process.returncode != 0:
        said = (context.scratch / "errors.txt").read_text(errors="replace").strip()[-300:]
        msg = f"the speech program ended with code {process.returncode}: {said}"
        raise ToolFailed(msg)
    return wav


def _waits(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(timeout=_POLL_S)
    except subprocess.TimeoutExpired:
        return True
    return False
