"""Fade a recording in at its beginning and out at its end."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.effects import filter_sound, length_of
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_LONGEST_S = 600.0


class FadeAudio(CpuTool):
    """Fades in the shape of a quarter of a sine, which sounds even."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Fade.

        Returns:
            `audio`: FLAC of the same length.

        Raises:
            InvalidInput: A fade is longer than the recording, or both together are.
        """
        path = inputs.file("audio")
        length = length_of(path)
        where = inputs.text("where", "both")
        both = Range(0.0, _LONGEST_S).read(inputs, "fade_s", 2.0)
        end = Range(0.0, _LONGEST_S).read(inputs, "end_fade_s", both)
        fade_in = both if where in {"both", "in"} else 0.0
        fade_out = end if where in {"both", "out"} else 0.0
        if where == "both" and not {"fade_s", "end_fade_s"} & set(inputs):
            # nobody asked for a length: what is short gets short fades
            fade_in = fade_out = min(both, length / 4)
        if fade_in + fade_out > length:
            msg = (
                f"{path.name} lasts {length:.2f} s, too short to fade in for {fade_in:g} s and "
                f"out for {fade_out:g} s; give shorter fades"
            )
            raise InvalidInput(msg)
        filters = []
        if fade_in:
            filters.append(f"afade=t=in:d={fade_in:.6f}:curve=qsin")
        if fade_out:
            filters.append(f"afade=t=out:st={length - fade_out:.6f}:d={fade_out:.6f}:curve=qsin")
        target = filter_sound(path, filters, context.scratch / "faded.flac", context)
        caption = f"fades in over {fade_in:g} s and out over {fade_out:g} s, {length:.1f} s"
        return {"audio": Output.of_file(target, caption=caption)}
