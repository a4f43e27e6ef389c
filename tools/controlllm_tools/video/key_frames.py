"""Take the still pictures that stand for a video: every scene gets its share, the sharpest wins."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import movies
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.cuts import change, find_cuts, histogram
from controlllm_tools.video.stills import clock, still, write_jpeg

if TYPE_CHECKING:  # numpy loads when a video is read, not when a tool is listed
    from numpy import uint8
    from numpy.typing import NDArray

DEFAULT_COUNT = 5
_MOST = 100
_SMALL_WIDTH_PX = 160
_FRAMES_AIMED_AT = 900
_FASTEST_FPS, _SLOWEST_FPS = 8.0, 1.0
_RESULT_WIDTH_PX = 1_920


@dataclass(frozen=True, slots=True)
class _Sample:
    """A frame that was looked at: when, how sharp, and how much it differs from the one before."""

    at_s: float
    sharpness: float
    change: float


class KeyFrames(CpuTool):
    """Key frames by cuts and even spread, as JPEG."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Choose and extract.

        Returns:
            `frames`: at most `count` pictures in order of time; fewer when the video has fewer.

        Raises:
            InvalidInput: The file is no video, or the count is out of range.
        """
        count = inputs.number("count", DEFAULT_COUNT)
        if count != int(count) or not 1 <= count <= _MOST:
            msg = f"{count:g} key frames cannot be taken; ask for a whole number from 1 to {_MOST}"
            raise InvalidInput(msg)
        path = inputs.file("video")
        times = choose_times(_samples(path, context), int(count))
        outputs: list[Output] = []
        for number, at_s in enumerate(times, start=1):
            context.check()
            frame = still(path, at_s, context, max_width_px=_RESULT_WIDTH_PX)
            if frame is None:
                continue
            name = f"frame-{number:02d}.jpg"
            target = write_jpeg(frame, context.scratch / name)
            outputs.append(Output.of_file(target, name=name, caption=f"frame at {clock(at_s)}"))
            context.progress(0.7 + 0.3 * number / len(times), name)
        if not outputs:
            msg = f"no picture of {path.name} can be decoded"
            raise InvalidInput(msg)
        return {"frames": outputs}


def _samples(path: Path, context: ToolContext) -> list[_Sample]:
    """Stream the video once, small."""
    facts = movies.video_facts(path)
    seconds = facts.duration_s or 1.0
    fps = min(_FASTEST_FPS, max(_SLOWEST_FPS, _FRAMES_AIMED_AT / seconds), facts.fps or 25.0)
    samples: list[_Sample] = []
    before = None
    for at_s, frame in movies.frames(path, context, fps=fps, max_width_px=_SMALL_WIDTH_PX):
        context.check()
        now = histogram(frame)
        changed = 0.0 if before is None else change(before, now)
        samples.append(_Sample(at_s, _sharpness(frame), changed))
        before = now
        context.progress(min(0.7, 0.7 * at_s / seconds), "looking for scenes")
    if not samples:
        msg = f"no picture of {path.name} can be decoded"
        raise InvalidInput(msg)
    return samples


def choose_times(samples: list[_Sample], count: int) -> list[float]:
    """The times of the key frames.

    With more scenes than frames, the length is cut into equal spans, and each span shows its
    longest scene. Else the frames are shared out among the scenes by Adams's method, with the
    length of a scene as its votes: every scene has one before any has two. A scene with several
    frames is cut into equal parts. Each scene or part shows the sharpest frame of its middle half.
    """
    count = min(count, len(samples))
    scenes = _scenes(samples)
    if len(scenes) > count:
        spans = _parts(samples, count)
        return [_sharpest(max(_scenes(span), key=len)) for span in spans]
    shares = [0] * len(scenes)
    for _ in range(count):
        room = [i for i, scene in enumerate(scenes) if shares[i] < len(scene)]
        shares[max(room, key=lambda i: (not shares[i], len(scenes[i]) / max(1, shares[i])))] += 1
    return [
        _sharpest(part)
        for scene, share in zip(scenes, shares, strict=True)
        for part in _parts(scene, share)
    ]


def _scenes(samples: list[_Sample]) -> list[list[_Sample]]:
    cuts = find_cuts([sample.change for sample in samples[1:]])
    borders = [0, *(cut + 1 for cut in cuts), len(samples)]
    return [samples[first:last] for first, last in pairwise(borders)]


def _parts(samples: list[_Sample], count: int) -> list[list[_Sample]]:
    borders = [part * len(samples) // count for part in range(count + 1)]
    return [samples[first:last] for first, last in pairwise(borders)]


def _sharpest(samples: list[_Sample]) -> float:
    margin = len(samples) // 4
    middle = samples[margin : len(samples) - margin]
    return max(middle, key=lambda sample: sample.sharpness).at_s


def _sharpness(frame: NDArray[uint8]) -> float:
    """Variance of the Laplacian (Pech-Pacheco et al. 2000)."""
    import cv2

    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_64F).var())
