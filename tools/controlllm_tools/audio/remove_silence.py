"""Shorten the pauses of a recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.audio.silence import WINDOW_S, Gap, gaps, levels_db, silence_below_db
from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.progress import stage
from controlllm_tools.media.ranges import Range
from controlllm_tools.media.sound import sound_blocks, sound_facts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when sound is read, not when a tool is listed
    from numpy import float32
    from numpy.typing import NDArray

    Samples = NDArray[float32]

_SEAM_S = 0.005
_LONGEST_S = 60.0
_BOTH_SIDES = 2


@dataclass(frozen=True, slots=True)
class _Cut:
    """Samples that are left out: from the first to before the second."""

    start: int
    end: int


class RemoveSilence(CpuTool):
    """Pauses found by their level and shortened, with a short fade over each cut."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Listen once for the level, then cut.

        Returns:
            `audio`: FLAC at its own rate, mono or stereo.

        Raises:
            InvalidInput: The recording is silent throughout.
        """
        path = inputs.file("audio")
        kept_s = Range(0.0, _LONGEST_S).read(inputs, "longest_pause_s", 0.3)
        levels = levels_db(path, stage(context, 0.0, 0.4))
        below_db = silence_below_db(levels)
        if "threshold_db" in inputs:
            below_db = Range(-90.0, 0.0).read(inputs, "threshold_db", -45.0)
        if not (levels > below_db).any():
            msg = (
                f"{path.name} is silent throughout, at or below {below_db:.0f} dB; "
                "give a lower threshold_db"
            )
            raise InvalidInput(msg)
        found = gaps(levels, below_db, longer_than_s=kept_s + _BOTH_SIDES * _SEAM_S)
        rate_hz = sound_facts(path).sample_rate_hz or 44_100
        cuts = [_cut(gap, kept_s, len(levels) * WINDOW_S, rate_hz) for gap in found]
        target = context.scratch / "tight.flac"
        seconds = _write(path, cuts, target, stage(context, 0.4, 1.0))
        gone = sum(cut.end - cut.start for cut in cuts) / rate_hz
        caption = f"{len(cuts)} pauses shortened, {gone:.1f} s less, {seconds:.1f} s left"
        return {"audio": Output.of_file(target, caption=caption)}


def _cut(gap: Gap, kept_s: float, length_s: float, rate_hz: int) -> _Cut:
    """What of a pause goes: its middle, or the outer part at the ends of the recording."""
    before = after = kept_s / _BOTH_SIDES
    if gap.start_s <= 0.0:
        before, after = 0.0, kept_s
    elif gap.end_s >= length_s - WINDOW_S:
        before, after = kept_s, 0.0
    return _Cut(round((gap.start_s + before) * rate_hz), round((gap.end_s - after) * rate_hz))


def _write(path: Path, cuts: Sequence[_Cut], target: Path, context: ToolContext) -> float:
    """Write what is left; gives its length in seconds."""
    import soundfile

    facts = sound_facts(path)
    rate_hz, channels = facts.sample_rate_hz or 44_100, min(2, facts.channels or 1)
    total = max(1.0, (facts.duration_s or 1.0) * rate_hz)
    written = 0
    with soundfile.SoundFile(
        target, "w", rate_hz, channels, subtype="PCM_16", format="FLAC"
    ) as out:
        for position, piece in _kept(path, cuts, (rate_hz, channels), context):
            out.write(piece.clip(-1.0, 1.0).T)
            written += piece.shape[1]
            context.progress(min(1.0, position / total), "cutting")
    return written / rate_hz


def _kept(
    path: Path, cuts: Sequence[_Cut], form: tuple[int, int], context: ToolContext
) -> Iterator[tuple[int, Samples]]:
    """Pieces between the cuts with where they end, as they are decoded.

    The level dips to nothing for an instant at each seam, so that no jump clicks.
    """
    import numpy as np

    rate_hz, channels = form
    fade = round(_SEAM_S * rate_hz)
    position, waiting = 0, list(cuts)
    for block in sound_blocks(path, context, rate_hz=rate_hz, channels=channels):
        times = np.arange(position, position + block.shape[1])
        gain = np.ones(block.shape[1], dtype=np.float32)
        keep = np.ones(block.shape[1], dtype=bool)
        while waiting and waiting[0].end + fade < position:
            waiting.pop(0)
        for cut in waiting:
            if cut.start - fade > times[-1]:
                break
            keep &= (times < cut.start) | (times >= cut.end)
            outside = np.where(times < cut.start, cut.start - times, times - cut.end + 1)
            is_inner = (cut.start > 0) | (times >= cut.end)
            gain *= np.where(is_inner, np.clip(outside / fade, 0.0, 1.0), 1.0).astype(np.float32)
        position += block.shape[1]
        yield position, (block * gain)[:, keep]
