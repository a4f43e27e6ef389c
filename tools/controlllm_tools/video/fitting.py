"""Filters that bring clips of any size, rate and sound to one form, so that they can be joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.limits import LIMITS
from controlllm_tools.media.movies import video_facts
from controlllm_tools.resources import MediaFacts

RATE_HZ = 48_000
_MOST_CLIPS = 50
_FAST_FPS = 27.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What all clips are brought to.

    Attributes:
        width_px: Width, even.
        height_px: Height, even.
        fps: Frames a second, 25 or 30.
    """

    width_px: int
    height_px: int
    fps: int

    @classmethod
    def of(cls, facts: MediaFacts) -> Form:
        """The form that changes a clip least."""
        width, height = (max(2, (s or 2) // 2 * 2) for s in (facts.width_px, facts.height_px))
        fps = 30 if (facts.fps or 25.0) > _FAST_FPS else 25
        return cls(width_px=width, height_px=height, fps=fps)

    def seconds(self, facts: MediaFacts) -> float:
        """How long a clip is in this form: whole frames, at least one."""
        return max(1, round((facts.duration_s or 0.0) * self.fps)) / self.fps

    def pictures(self, index: int, facts: MediaFacts) -> str:
        """Filters of the pictures of input `index`, without an end label."""
        return (
            f"[{index}:v:0]fps={self.fps}:start_time=0,"
            f"scale={self.width_px}:{self.height_px}"
            ":force_original_aspect_ratio=decrease:force_divisible_by=2,"
            f"pad={self.width_px}:{self.height_px}:(ow-iw)/2:(oh-ih)/2,setsar=1,format=yuv420p,"
            f"tpad=stop=-1:stop_mode=clone,trim=duration={self.seconds(facts):.6f},"
            "setpts=PTS-STARTPTS"
        )

    def sound(self, index: int, facts: MediaFacts) -> str:
        """Filters of the sound of input `index`, silence where it has none."""
        source = f"[{index}:a:0]" if facts.channels else f"anullsrc=r={RATE_HZ}:cl=stereo,"
        return (
            f"{source}aresample={RATE_HZ}:async=1:first_pts=0,"
            "aformat=sample_fmts=fltp:channel_layouts=stereo,"
            f"apad,atrim=duration={self.seconds(facts):.6f},asetpts=PTS-STARTPTS"
        )


def clip_facts(paths: Sequence[Path]) -> list[MediaFacts]:
    """Facts of clips that are to become one.

    Raises:
        InvalidInput: A file is no video, or there are too many, or they are too long together.
    """
    if not 1 <= len(paths) <= _MOST_CLIPS:
        msg = f"{len(paths)} clips cannot be joined; give 1 to {_MOST_CLIPS}"
        raise InvalidInput(msg)
    facts = [video_facts(path) for path in paths]
    seconds = sum(fact.duration_s or 0.0 for fact in facts)
    if seconds > LIMITS.duration_s:
        msg = f"the clips last {seconds:.0f} s together, the limit is {LIMITS.duration_s:.0f} s"
        raise InvalidInput(msg)
    return facts
