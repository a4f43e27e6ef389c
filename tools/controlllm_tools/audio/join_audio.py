"""Put recordings one after another, with pauses or crossfades between them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.effects import LIMITER, common_format, length_of
from controlllm_tools.media.mastering import EVEN_FRAMES, FLAC_16
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

MOST_RECORDINGS = 200
_LONGEST_GAP_S = 600.0
_LONGEST_FADE_S = 60.0


class JoinAudio(CpuTool):
    """One recording of many, at the highest sample rate and the most channels among them."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Join.

        Returns:
            `audio`: FLAC, as long as all together, plus the gaps or minus the crossfades.

        Raises:
            InvalidInput: A file has no sound, or a crossfade is longer than what it joins.
        """
        paths = inputs.files("recordings")
        gap_s = Range(0.0, _LONGEST_GAP_S).read(inputs, "gap_s", 0.0)
        fade_s = Range(0.0, _LONGEST_FADE_S).read(inputs, "crossfade_s", 0.0)
        if len(paths) > MOST_RECORDINGS:
            msg = f"{len(paths)} recordings are too many to join at once, the limit is 200"
            raise InvalidInput(msg)
        if gap_s and fade_s:
            msg = "recordings with a gap between them cannot be crossfaded; give one of the two"
            raise InvalidInput(msg)
        lengths = [length_of(path) for path in paths]
        _check_fades(paths, lengths, fade_s)
        seconds = sum(lengths) + (len(paths) - 1) * (gap_s - fade_s)
        graph = _graph(paths, gap_s, fade_s)
        target = ffmpeg.convert(
            [ffmpeg.Input(path) for path in paths],
            ["-filter_complex", graph, "-map", "[out]", *FLAC_16],
            context.scratch / "joined.flac", context, duration_s=seconds,
        )  # fmt: skip
        caption = f"{len(paths)} recordings in a row, {seconds:.1f} s"
        return {"audio": Output.of_file(target, caption=caption)}


def _check_fades(paths: Sequence[Path], lengths: Sequence[float], fade_s: float) -> None:
    """Each recording must be long enough for the fades at its ends.

    Raises:
        InvalidInput: Names the recording that is too short.
    """
    for number, (path, length) in enumerate(zip(paths, lengths, strict=True)):
        fades = (number > 0) + (number < len(paths) - 1)
        if fade_s and fades * fade_s >= length:
            msg = (
                f"{path.name} lasts {length:.2f} s, too short for {fades} crossfades of "
                f"{fade_s:g} s; give a shorter crossfade"
            )
            raise InvalidInput(msg)


def _graph(paths: Sequence[Path], gap_s: float, fade_s: float) -> str:
    """The filter graph; every recording is brought to one format first."""
    rate_hz, forms = common_format(paths)
    last = len(paths) - 1
    pad = f",apad=pad_len={round(gap_s * rate_hz)}" if gap_s else ""
    parts = [f"[{n}:a:0]{form}{pad if n < last else ''}[a{n}]" for n, form in enumerate(forms)]
    if fade_s and last:
        end = f",{LIMITER},{EVEN_FRAMES}"
        names = ["a0", *(f"x{n}" for n in range(1, last)), "out"]
        parts += [
            f"[{before}][a{n}]acrossfade=ns={round(fade_s * rate_hz)}:c1=qsin:c2=qsin"
            f"{end if after == 'out' else ''}[{after}]"
            for n, (before, after) in enumerate(pairwise(names), start=1)
        ]
    else:
        ins = "".join(f"[a{n}]" for n in range(len(paths)))
        parts.append(f"{ins}concat=n={len(paths)}:v=0:a=1,{EVEN_FRAMES}[out]")
    return ";".join(parts)
