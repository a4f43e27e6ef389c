"""A voice that says something, by the tool that people would use for it."""

from __future__ import annotations

from pathlib import Path

from controlllm_tools.card import Needs, Port, ToolCard
from controlllm_tools.errors import ToolUnavailable
from controlllm_tools.perform import ToolBench
from controlllm_tools.resources import Resource
from controlllm_tools.samples.sounds import tone
from controlllm_tools.samples.texts import TRANSCRIPT
from controlllm_tools.tool import Inputs, Item, ToolContext

_SPEAKER = ToolCard(
    name="text_to_speech",
    version="sample",
    summary="Say a text.",
    inputs=(Port(name="text", type="text"),),
    outputs=(Port(name="speech", type="audio.speech"),),
    entry_point="controlllm_tools.audio.text_to_speech:TextToSpeech",
    needs=Needs(packages=("espeakng-loader>=0.2.4",)),
)


def voice(path: Path, context: ToolContext) -> Path:
    """Write a spoken sentence, `texts.TRANSCRIPT`, as `speak` does."""
    return speak(TRANSCRIPT, path, context)


def speak(words: str, path: Path, context: ToolContext) -> Path:
    """Write a voice that says some words.

    Args:
        words: What it says, in English.
        path: FLAC to write, below the scratch folder of the context.
        context: Of the call.

    Returns:
        The path. Where no speech synthesis is installed, it holds a tone.
    """
    bench = ToolBench()
    try:
        inputs = Inputs.of(text=Item(Resource.of_text("text", words)))
        (speech,) = bench.perform(_SPEAKER, inputs, context)
    except ToolUnavailable:
        return tone(path)
    finally:
        bench.close()
    if speech.path is not None:
        speech.path.rename(path)
    return path
