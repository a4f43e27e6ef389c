"""Show pictures one after the other as a film: slow motion, soft crossfades, music if wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.images import read_rgb
from controlllm_tools.media.progress import stage
from controlllm_tools.media.ranges import Range
from controlllm_tools.media.sound import sound_facts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.dub_video import DubVideo
from controlllm_tools.video.parts import item, made_by
from controlllm_tools.video.title_picture import title_picture

if TYPE_CHECKING:  # numpy loads when pictures are moved, not when a tool is listed
    from numpy import uint8
    from numpy.typing import NDArray

    Rgb = NDArray[uint8]

FPS = 25
_SIZES = {"widescreen": (1_280, 720), "vertical": (720, 1_280), "square": (960, 960)}
_MOST_PICTURES, _LONGEST_S = 500, 3_600.0
_EACH_S, _FADE_S = Range(0.2, 120), Range(0, 5)
_USUAL_EACH_S, _TITLE_S = 4.0, 3.0
_ROOM = 1.12
"""How much larger a picture is than the frame; the rest is room to move in."""

_NEARLY_ALIKE = 1.35
"""Shapes that differ by less are cut to the frame; others lie on a blurred copy of themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Show:
    """One call, checked.

    Attributes:
        pictures: In order.
        title: Words for a first page, or empty.
        size: Width and height of the film.
        each_s: How long each picture is shown, its half of the crossfades included.
        fade_s: Length of the crossfades.
        moves: Whether pictures are slowly panned and zoomed.
    """

    pictures: tuple[Path, ...]
    title: str
    size: tuple[int, int]
    each_s: float
    fade_s: float
    moves: bool

    @property
    def starts(self) -> list[int]:
        """First frame of each page, and the end of the last one."""
        lead = [_TITLE_S] if self.title else []
        lengths = [*lead, *[self.each_s] * len(self.pictures)]
        return [round(sum(lengths[:n]) * FPS) for n in range(len(lengths) + 1)]


class Slideshow(CpuTool):
    """A film of pictures; two of them are held at a time."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Draw every frame, and put the sound under it.

        With a narration (`audio.speech`), the pictures share its length unless a time is given.

        Returns:
            `video`: MP4 at 25 frames a second.

        Raises:
            InvalidInput: A file is no picture, there are too many, or a number is out of range.
        """
        show = _show(inputs)
        count = show.starts[-1]
        width, height = show.size
        target = ffmpeg.encode_frames(
            ffmpeg.Frames(
                width_px=width, height_px=height, fps=FPS,
                source=_frames(show, stage(context, 0.0, 0.8 if "audio" in inputs else 1.0)),
            ),
            [],
            ["-map", "0:v:0", *ffmpeg.H264, *ffmpeg.MP4],
            context.scratch / "slides.mp4", context,
        )  # fmt: skip
        if "audio" in inputs:
            dub = Inputs.of(video=item(target, "video"), audio=inputs.one("audio"))
            target = made_by(DubVideo(), "video", dub, stage(context, 0.8, 1.0))
        shown = len(show.pictures)
        caption = f"{shown} picture{'' if shown == 1 else 's'}, {count / FPS:.1f} s"
        return {"video": Output.of_file(target, name="slideshow.mp4", caption=caption)}


def _show(inputs: Inputs) -> _Show:
    pictures = inputs.files("images")
    if not 1 <= len(pictures) <= _MOST_PICTURES:
        msg = f"{len(pictures)} pictures make no slideshow; give 1 to {_MOST_PICTURES}"
        raise InvalidInput(msg)
    title = inputs.text("title").strip()
    each_s = _each_s(inputs, len(pictures), _TITLE_S if title else 0.0)
    if each_s * len(pictures) > _LONGEST_S:
        msg = f"{len(pictures)} pictures of {each_s:g} s each take more than {_LONGEST_S:.0f} s"
        raise InvalidInput(msg)
    return _Show(
        pictures=pictures,
        title=title,
        size=_SIZES[inputs.text("shape", "widescreen")],
        each_s=each_s,
        fade_s=min(_FADE_S.read(inputs, "fade_s", 0.8), each_s / 2),
        moves=inputs.flag("motion", default=True),
    )


def _each_s(inputs: Inputs, count: int, title_s: float) -> float:
    """Seconds for each picture: as asked, or what is left of a whole length for each."""
    if "seconds_each" in inputs:
        return _EACH_S.read(inputs, "seconds_each", _USUAL_EACH_S)
    whole_s = inputs.number("duration_s", 0.0)
    if not whole_s and "audio" in inputs and inputs.one("audio").resource.type == "audio.speech":
        whole_s = (sound_facts(inputs.file("audio")).duration_s or 0.0) + 1.0
    if not whole_s:
        return _USUAL_EACH_S
    each_s = (whole_s - title_s) / count
    if each_s < _EACH_S.least:
        msg = f"{count} pictures in {whole_s:g} s are too many; allow more time or give fewer"
        raise InvalidInput(msg)
    return each_s


def _frames(show: _Show, context: ToolContext) -> Iterator[bytes]:
    """Every frame as RGB bytes; neighbours are mixed while one goes over into the next."""
    import cv2
    import numpy as np

    starts, fade = show.starts, round(show.fade_s * FPS)
    before: _Page | None = None
    for number, page in enumerate(_pages(show)):
        first, last = starts[number], starts[number + 1]
        for index in range(first, last):
            context.check()
            frame = page.at((index - first) / max(1, last - first + fade))
            if before is not None and index - first < fade:
                share = (index - first + 1) / (fade + 1)
                past = first - starts[number - 1]
                old = before.at((index - first + past) / max(1, past + fade))
                mixed = cv2.addWeighted(frame, share, old, 1 - share, 0.0)
                frame = np.asarray(mixed, dtype=np.uint8)
            yield frame.tobytes()
            context.progress((index + 1) / starts[-1], f"picture {number + 1}")
        before = page


def _pages(show: _Show) -> Iterator[_Page]:
    if show.title:
        yield _Page(title_picture(show.title, show.size), show.size, None)
    for number, path in enumerate(show.pictures):
        canvas = _canvas(read_rgb(path), show.size)
        yield _Page(canvas, show.size, number if show.moves else None)


class _Page:
    """A picture that is a little larger than the frame, and a slow path over it."""

    # from and to: centre as a share of the free room, and how much of the room is shown
    _PATHS: Sequence[tuple[float, float, float, float, float, float]] = (
        (0.5, 0.5, 1.0, 0.5, 0.5, 0.0),
        (0.0, 0.4, 0.35, 1.0, 0.6, 0.35),
        (0.5, 0.5, 0.0, 0.5, 0.5, 1.0),
        (1.0, 0.6, 0.35, 0.0, 0.4, 0.35),
    )

    def __init__(self, canvas: Rgb, size: tuple[int, int], number: int | None) -> None:
        self._canvas, self._size = canvas, size
        still = (0.5, 0.5, 1.0, 0.5, 0.5, 1.0)
        self._path = still if number is None else self._PATHS[number % len(self._PATHS)]

    def at(self, progress: float) -> Rgb:
        """The frame after a share of the time, from 0 to 1."""
        import cv2
        import numpy as np

        width, height = self._size
        if self._canvas.shape[:2] == (height, width):
            return self._canvas
        # slow at both ends
        eased = progress * progress * (3 - 2 * progress)
        x0, y0, room0, x1, y1, room1 = self._path
        x, y, room = (a + (b - a) * eased for a, b in ((x0, x1), (y0, y1), (room0, room1)))
        rows, columns = self._canvas.shape[:2]
        scale = (1 + (_ROOM - 1) * room) * columns / (_ROOM * width)
        left, top = (columns - scale * width) * x, (rows - scale * height) * y
        view = np.array([[scale, 0.0, left], [0.0, scale, top]], dtype=np.float64)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        shown = cv2.warpAffine(
            self._canvas, view, self._size, flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(shown, dtype=np.uint8)


def _canvas(picture: Rgb, size: tuple[int, int]) -> Rgb:
    """The picture on a ground of the frame's shape, with room to move in."""
    import cv2
    import numpy as np

    wide, high = (round(side * _ROOM / 2) * 2 for side in size)
    height, width = picture.shape[:2]
    differs = (width / height) / (wide / high)
    if 1 / _NEARLY_ALIKE <= differs <= _NEARLY_ALIKE:
        return _covering(picture, wide, high)
    blurred = cv2.GaussianBlur(_covering(picture, wide, high), (0, 0), wide / 40)
    ground: Rgb = np.asarray(blurred * 0.55, dtype=np.uint8)
    # the whole picture stays in sight on its way, so it does not reach into the room
    scale = min(wide / width, high / height) / _ROOM
    across, down = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(picture, (across, down), interpolation=_kernel(scale))
    left, top = (wide - across) // 2, (high - down) // 2
    ground[top : top + down, left : left + across] = small
    return ground


def _covering(picture: Rgb, wide: int, high: int) -> Rgb:
    """The middle of the picture that fills a frame."""
    import cv2
    import numpy as np

    height, width = picture.shape[:2]
    scale = max(wide / width, high / height)
    across, down = max(wide, round(width * scale)), max(high, round(height * scale))
    whole = cv2.resize(picture, (across, down), interpolation=_kernel(scale))
    left, top = (across - wide) // 2, (down - high) // 2
    return np.ascontiguousarray(whole[top : top + high, left : left + wide], dtype=np.uint8)


def _kernel(scale: float) -> int:
    import cv2

    return cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
