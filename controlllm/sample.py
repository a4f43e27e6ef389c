"""The demo's sample clip: a moving scene, words on screen and, with a voice, a sentence."""

from __future__ import annotations

import tempfile
from pathlib import Path

from controlllm_tools.errors import ToolError
from controlllm_tools.perform import ToolBench
from controlllm_tools.registry import Registry
from controlllm_tools.resources import Resource
from controlllm_tools.samples.clips import clip
from controlllm_tools.tool import Inputs, Item, ToolContext

SENTENCE = "Good morning. The boats are coming home to the harbour."


def make_sample_clip(path: Path, registry: Registry) -> Path:
    """Make the clip; without a speech tool it is silent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="controlllm-sample-") as folder:
        context = ToolContext(scratch=Path(folder))
        return clip(path, context, speech=_speech(registry, context))


def _speech(registry: Registry, context: ToolContext) -> Path | None:
    card = registry.cards.get("text_to_speech")
    if card is None:
        return None
    bench = ToolBench()
    try:
        spoken = Inputs.of(text=Item(Resource.of_text("text", SENTENCE)))
        return bench.perform(card, spoken, context)[0].path
    except ToolError:
        return None
    finally:
        bench.close()
