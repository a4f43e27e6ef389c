"""Draw the waveform of a recording, with axes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.audio.time_chart import Tick, TimeChart, chart_size
from controlllm_tools.media.effects import length_of
from controlllm_tools.media.sound import sound_blocks
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when sound is read, not when a tool is listed
    from numpy import float32, uint8
    from numpy.typing import NDArray

    Floats = NDArray[float32]
    Rgb = NDArray[uint8]

_RATE_HZ = 44_100
_PAPER, _GRID = (255, 255, 255), (226, 228, 234)
_PEAKS, _BODY = (134, 170, 220), (38, 86, 156)
_TICKS = (-1.0, -0.5, 0.0, 0.5, 1.0)


class WaveformPicture(CpuTool):
    """Peaks in light blue and mean level in dark blue, against full scale."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Draw.

        Returns:
            `picture`: PNG; one column of pixels for each stretch of time.

        Raises:
            InvalidInput: The file has no sound, or the size is out of range.
        """
        path = inputs.file("audio")
        seconds = length_of(path)
        size = chart_size(inputs.number("width_px", 1_200.0), inputs.number("height_px", 400.0))
        chart = TimeChart(
            width_px=size[0],
            height_px=size[1],
            seconds=seconds,
            title="amplitude",
            ticks=tuple(Tick(at=(level + 1) / 2, label=f"{level:g}") for level in _TICKS),
        )
        columns = _columns(path, seconds, chart.panel_px[0], context)
        target = context.scratch / "waveform.png"
        chart.write(_panel(columns, chart.panel_px[1]), target, scale=None)
        caption = f"waveform of {seconds:.1f} s, peak {abs(columns[:2]).max():.2f} of full scale"
        return {"picture": Output.of_file(target, caption=caption)}


def _columns(path: Path, seconds: float, count: int, context: ToolContext) -> Floats:
    """Lowest and highest sample and mean level of each column, shape (3, columns); streamed."""
    import numpy as np

    found = np.zeros((3, count), dtype=np.float64)
    heard = np.zeros(count)
    position = 0
    for block in sound_blocks(path, context, rate_hz=_RATE_HZ):
        samples = block[0]
        times = (position + np.arange(len(samples))) / (seconds * _RATE_HZ)
        places = np.minimum((times * count).astype(np.int64), count - 1)
        np.minimum.at(found[0], places, samples)
        np.maximum.at(found[1], places, samples)
        found[2] += np.bincount(places, np.square(samples, dtype=np.float64), minlength=count)
        heard += np.bincount(places, minlength=count)
        position += len(samples)
        context.progress(min(1.0, position / _RATE_HZ / seconds), "listening")
    found[2] = np.sqrt(found[2] / np.maximum(heard, 1))
    return found.astype(np.float32)


def _panel(columns: Floats, height: int) -> Rgb:
    import numpy as np

    panel = np.empty((height, columns.shape[1], 3), dtype=np.uint8)
    panel[:] = _PAPER
    rows = 1 - 2 * np.arange(height)[:, None] / (height - 1)
    for level in _TICKS:
        panel[round((1 - level) / 2 * (height - 1))] = _GRID
    half = 1 / (height - 1)
    # the line is never thinner than a pixel
    panel[(rows >= columns[0] - half) & (rows <= columns[1] + half)] = _PEAKS
    panel[np.abs(rows) <= np.minimum(columns[2], np.maximum(-columns[0], columns[1]))] = _BODY
    return panel
