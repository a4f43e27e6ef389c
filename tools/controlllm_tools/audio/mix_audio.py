"""Play two recordings at the same time: music under a voice, or two voices together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.effects import LIMITER, common_format, length_of
from controlllm_tools.media.mastering import EVEN_FRAMES, FLAC_16
from controlllm_tools.media.progress import stage
from controlllm_tools.media.ranges import Range
from controlllm_tools.media.sound import loudness_lufs
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_MOST_GAIN_DB = 40.0
_FADE_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """When the second recording plays.

    Attributes:
        start_s: Where it begins.
        seconds: Length of the whole.
        loops: Whether it goes round until the end.
        is_cut: Whether it is cut off by the end, and therefore fades out.
    """

    start_s: float
    seconds: float
    loops: bool
    is_cut: bool


class MixAudio(CpuTool):
    """Two tracks in one, the second at a level against the first."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Measure both, set the second against the first, and add them up.

        Returns:
            `audio`: FLAC in stereo, or mono when both are; peaks are held back, not cut off.

        Raises:
            InvalidInput: A file has no sound, or the second would begin after the end.
        """
        first, second = inputs.file("audio"), inputs.file("second")
        level_db = _level_db(inputs)
        layout = _layout(inputs, length_of(first), length_of(second))
        gain_db = _gain_db(first, second, level_db, stage(context, 0.0, 0.4))
        target = ffmpeg.convert(
            [
                ffmpeg.Input(first),
                ffmpeg.Input(second, ("-stream_loop", "-1") if layout.loops else ()),
            ],
            ["-filter_complex", _graph((first, second), gain_db, layout), "-map", "[out]",
             *FLAC_16],
            context.scratch / "mixed.flac", stage(context, 0.4, 1.0), duration_s=layout.seconds,
        )  # fmt: skip
        caption = f"two tracks, the second {level_db:+g} dB, {layout.seconds:.1f} s"
        return {"audio": Output.of_file(target, caption=caption)}


def _level_db(inputs: Inputs) -> float:
    """Level of the second against the first; `direction` says where an unsigned number goes."""
    asked = inputs.number("gain_db", -10.0)
    level_db = Range(-_MOST_GAIN_DB, _MOST_GAIN_DB).check("gain_db", asked)
    match inputs.text("direction"):
        case "quieter" | "softer":
            return -abs(level_db)
        case "louder":
            return abs(level_db)
        case _:
            return level_db


def _layout(inputs: Inputs, first_s: float, second_s: float) -> _Layout:
    start_s = inputs.number("start_s", 0.0)
    loops = inputs.text("second_plays", "once") == "loop"
    as_first = loops or inputs.text("length", "longest") == "first"
    seconds = first_s if as_first else max(first_s, start_s + second_s)
    if not 0 <= start_s < first_s:
        msg = f"the second track cannot start at {start_s:g} s; the first one has {first_s:.1f} s"
        raise InvalidInput(msg)
    is_cut = loops or start_s + second_s > seconds
    return _Layout(start_s=start_s, seconds=seconds, loops=loops, is_cut=is_cut)


def _gain_db(first: Path, second: Path, level_db: float, context: ToolContext) -> float:
    """What brings the second to a level against the first; plain gain where one has no loudness."""
    loudness = [loudness_lufs(path, context) for path in (first, second)]
    if any(math.isinf(each) for each in loudness):
        return level_db
    return loudness[0] - loudness[1] + level_db


def _graph(paths: tuple[Path, Path], gain_db: float, layout: _Layout) -> str:
    rate_hz, (form, second_form) = common_format(paths)
    second = [second_form, f"volume={gain_db:.3f}dB"]
    if layout.start_s:
        second.append(f"adelay=delays={layout.start_s * 1_000:.3f}:all=1")
    samples = round(layout.seconds * rate_hz)
    second.append(f"atrim=end_sample={samples}")
    if layout.is_cut:
        fade_s = min(_FADE_S, layout.seconds / 4)
        second.append(f"afade=t=out:st={layout.seconds - fade_s:.4f}:d={fade_s:.4f}")
    return (
        f"[0:a:0]{form}[a];[1:a:0]{','.join(second)}[b];"
        f"[a][b]amix=inputs=2:duration=longest:normalize=0,{LIMITER},{EVEN_FRAMES}[out]"
    )
