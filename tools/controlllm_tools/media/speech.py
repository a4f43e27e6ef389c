"""Speech made of text by eSpeak NG, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import controlllm_tools
from controlllm_tools.errors import InvalidInput, ToolFailed
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.progress import stage
from controlllm_tools.tool import ToolContext

LONGEST_TEXT = 120_000
USUAL_WPM = 150

_SLOWEST_WPM, _FASTEST_WPM = 80, 300
_POLL_S = 0.1
_BYTES_A_CHARACTER = 2_800
"""About how much sound a character becomes, for the progress only."""

_PROGRAM = "controlllm_tools.media.espeak_program"
_REASONS = {
    3: "eSpeak NG has no such voice; install espeakng-loader again",
    4: "the text holds nothing that can be spoken",
}
_LANGUAGES = {
    "english-us": "en-us", "english-gb": "en", "german": "de", "french": "fr", "spanish": "es",
    "italian": "it", "portuguese": "pt", "dutch": "nl", "swedish": "sv", "polish": "pl",
}  # fmt: skip
_KINDS = {"woman": "f5", "man": "m6", "soft": "klatt4", "whisper": "whisper"}
"""Variants that a speech recogniser understood best of those of their kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Who speaks, and how.

    Attributes:
        language: `english-us`, `english-gb`, or one of eight others by their English names.
        kind: `woman`, `man`, `soft` or `whisper`.
        words_a_minute: Kept between 80 and 300.
        pitch: From 0, low, to 99; kept in that range.
    """

    language: str = "english-us"
    kind: str = "woman"
    words_a_minute: float = USUAL_WPM
    pitch: float = 50

    def arguments(self) -> tuple[str, str, str]:
        """What the program is told: the voice, the words a minute and the pitch."""
        speed = min(_FASTEST_WPM, max(_SLOWEST_WPM, round(self.words_a_minute)))
        pitch = min(99, max(0, round(self.pitch)))
        return f"{_LANGUAGES[self.language]}+{_KINDS[self.kind]}", str(speed), str(pitch)


def speak(text: str, voice: Voice, context: ToolContext) -> Path:
    """Read a text aloud.

    Returns:
        `speech.flac` in the scratch folder: 22,050 Hz, mono.

    Raises:
        InvalidInput: The text is empty, too long, or holds nothing to be spoken.
    """
    text = text.strip()
    if not any(character.isalnum() for character in text):
        msg = "there is no word to speak in the text"
        raise InvalidInput(msg)
    if len(text) > LONGEST_TEXT:
        msg = f"the text has {len(text)} characters, the limit is {LONGEST_TEXT}; split it"
        raise InvalidInput(msg)
    wav = _program(text, voice, stage(context, 0.0, 0.9))
    target = ffmpeg.convert(
        [ffmpeg.Input(wav)], ["-c:a", "flac", "-sample_fmt", "s16"],
        context.scratch / "speech.flac", stage(context, 0.9, 1.0),
    )  # fmt: skip
    wav.unlink()
    return target


def _program(text: str, voice: Voice, context: ToolContext) -> Path:
    """Run the program; it is ended when the call is."""
    words, wav = context.scratch / "words.txt", context.scratch / "speech.wav"
    words.write_text(text, encoding="utf-8")
    expected_bytes = len(text) * _BYTES_A_CHARACTER
    home = Path(controlllm_tools.__file__).parent.parent
    with words.open("rb") as source, (context.scratch / "errors.txt").open("wb") as errors:
        process = subprocess.Popen(
            # -P: modules are never taken from the working folder
            [sys.executable, "-P", "-m", _PROGRAM, *voice.arguments(), str(wav)],
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
