"""Make a recording mono or stereo."""

from __future__ import annotations

from controlllm_tools.media.effects import filter_sound
from controlllm_tools.media.sound import sound_facts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_STEREO = 2


class ConvertChannels(CpuTool):
    """Channels mixed, doubled or picked."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Convert.

        Returns:
            `audio`: FLAC with one channel, or two for `stereo` and `swapped`.

        Raises:
            InvalidInput: The file has no sound.
        """
        path = inputs.file("audio")
        channels = sound_facts(path).channels or 1
        wanted = inputs.text("channels", "mono")
        filters = _filters(wanted, channels)
        target = filter_sound(path, filters, context.scratch / f"{wanted}.flac", context)
        caption = f"{wanted}, was {channels} channel{'s' if channels > 1 else ''}"
        return {"audio": Output.of_file(target, caption=caption)}


def _filters(wanted: str, channels: int) -> list[str]:
    """Left to itself, ffmpeg adds channels up, past full scale; here they are averaged."""
    if channels == 1:
        left, right = "c0", "c0"
        form = []
    else:
        left, right = "c0", "c1"
        form = ["aresample=rematrix_maxval=1.0", "aformat=channel_layouts=stereo"]
    match wanted:
        case "stereo":
            matrix = f"stereo|c0={left}|c1={right}"
        case "swapped":
            matrix = f"stereo|c0={right}|c1={left}"
        case "left":
            matrix = f"mono|c0={left}"
        case "right":
            matrix = f"mono|c0={right}"
        case _:
            matrix = f"mono|c0=0.5*{left}+0.5*{right}" if channels >= _STEREO else "mono|c0=c0"
    return [*form, f"pan={matrix}"]
