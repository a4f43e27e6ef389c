"""Draw the spectrogram of a recording, with axes in seconds and hertz."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.audio.time_chart import Tick, TimeChart, chart_size, round_step
from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.effects import length_of
from controlllm_tools.media.ranges import Range
from controlllm_tools.media.sound import sound_blocks, sound_facts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when sound is read, not when a tool is listed
    from numpy import float32, float64, uint8
    from numpy.typing import NDArray

    Levels = NDArray[float32]
    Places = NDArray[float64]
    Rgb = NDArray[uint8]

_HIGHEST_RATE_HZ = 48_000
_WINDOW_S = 0.04
_RANGE_DB = 80.0
_SCALE_PX = 84
_LOWEST_LOG_HZ = 40.0
_LOG_TICKS_HZ = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
_BLOCK_S = 5.0


class SpectrogramPicture(CpuTool):
    """Power by time and frequency in dB below its highest, by short Fourier transforms."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Draw.

        Returns:
            `picture`: PNG; dark is quiet, bright is loud, over 80 dB.

        Raises:
            InvalidInput: The file has no sound or is silent, or a number is out of range.
        """
        path = inputs.file("audio")
        seconds = length_of(path)
        rate_hz = min(_HIGHEST_RATE_HZ, sound_facts(path).sample_rate_hz or _HIGHEST_RATE_HZ)
        top_hz = inputs.number("max_frequency_hz", rate_hz / 2)
        top_hz = min(rate_hz / 2, Range(200.0, 1e6).check("max_frequency_hz", top_hz))
        is_log = inputs.text("scale", "linear") == "logarithmic"
        size = chart_size(inputs.number("width_px", 1_200.0), inputs.number("height_px", 500.0))
        chart = TimeChart(
            width_px=size[0],
            height_px=size[1],
            seconds=seconds,
            title="frequency in Hz",
            ticks=_frequency_ticks(top_hz, is_log=is_log),
            margin_px=_SCALE_PX,
        )
        power = _power(path, (rate_hz, seconds), chart.panel_px[0], context)
        if power.max() <= 0.0:
            msg = f"{path.name} is silent; there is nothing to see in its spectrogram"
            raise InvalidInput(msg)
        rows = _rows_hz(chart.panel_px[1], top_hz, is_log=is_log)
        target = context.scratch / "spectrogram.png"
        chart.write(_panel(power, rows, rate_hz), target, scale=_scale())
        caption = f"spectrogram of {seconds:.1f} s up to {top_hz:.0f} Hz"
        return {"picture": Output.of_file(target, caption=caption)}


def _power(path: Path, form: tuple[int, float], columns: int, context: ToolContext) -> Levels:
    """Mean power of each column of pixels, shape (bins, columns); streamed."""
    import numpy as np

    rate_hz, seconds = form
    size = 2 * round(_WINDOW_S * rate_hz / 2)
    # short sounds get a frame for each column, long ones no more frames than windows
    hop = max(1, min(size // 2, round(seconds * rate_hz / columns)))
    window = np.hanning(size).astype(np.float32)
    total = np.zeros((size // 2 + 1, columns))
    heard = np.zeros(columns)
    waiting = np.zeros(size // 2, dtype=np.float32)
    frame = 0
    blocks = sound_blocks(path, context, rate_hz=rate_hz, block_s=_BLOCK_S)
    for samples in _with_end(blocks, size // 2):
        sound = np.concatenate([waiting, samples])
        if len(sound) < size:
            waiting = sound
            continue
        frames = np.lib.stride_tricks.sliding_window_view(sound, size)[::hop]
        power = np.square(np.abs(np.fft.rfft(frames * window, axis=1)))
        times = (frame + np.arange(len(frames))) * hop / (seconds * rate_hz)
        places = np.minimum((times * columns).astype(np.int64), columns - 1)
        np.add.at(total.T, places, power)
        heard += np.bincount(places, minlength=columns)
        frame += len(frames)
        waiting = sound[len(frames) * hop :]
        context.progress(min(1.0, frame * hop / rate_hz / seconds), "listening")
    return _without_holes(total / np.maximum(heard, 1), heard)


def _with_end(blocks: Iterator[Levels], count: int) -> Iterator[Levels]:
    """The samples of the blocks, and silence after them, so that the last sound is in a window."""
    import numpy as np

    for block in blocks:
        yield block[0]
    yield np.zeros(count, dtype=np.float32)


def _without_holes(power: Places, heard: Places) -> Levels:
    """Columns into which no window fell take the values of the last one before them."""
    import numpy as np

    last = np.maximum.accumulate(np.where(heard > 0, np.arange(len(heard)), 0))
    filled: Levels = power[:, last].astype(np.float32)
    return filled


def _rows_hz(height: int, top_hz: float, *, is_log: bool) -> Places:
    """The frequency at each row of pixels, from the top down."""
    import numpy as np

    if is_log:
        rows: Places = np.geomspace(top_hz, _LOWEST_LOG_HZ, height)
        return rows
    return np.linspace(top_hz, 0.0, height)


def _panel(power: Levels, rows_hz: Places, rate_hz: int) -> Rgb:
    """The picture between the axes."""
    import numpy as np

    bin_hz = rate_hz / 2 / (len(power) - 1)
    edges = np.concatenate([rows_hz[:1], (rows_hz[1:] + rows_hz[:-1]) / 2, rows_hz[-1:]]) / bin_hz
    # the total up to any frequency, bins taken as steps: rows higher than a bin lose nothing
    totals = np.concatenate([np.zeros((1, power.shape[1])), np.cumsum(power, axis=0)])
    at = np.clip(edges + 0.5, 0.0, len(power))
    low = np.minimum(at.astype(np.int64), len(power) - 1)
    sums = totals[low] + (at - low)[:, None] * (totals[low + 1] - totals[low])
    widths = np.maximum(at[:-1] - at[1:], 1e-6)[:, None]
    levels = 10 * np.log10(np.maximum((sums[:-1] - sums[1:]) / widths, 1e-20))
    return _coloured(np.clip(1 + (levels - levels.max()) / _RANGE_DB, 0.0, 1.0))


def _coloured(shares: Places) -> Rgb:
    """Colours for values from 0 to 1: black over purple and orange to yellow."""
    import cv2
    import numpy as np

    grey = (shares * 255).round().astype(np.uint8)
    colours = cv2.cvtColor(cv2.applyColorMap(grey, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
    return np.asarray(colours, dtype=np.uint8)


def _scale() -> tuple[Rgb, tuple[Tick, ...]]:
    import numpy as np

    colours = _coloured(np.linspace(1.0, 0.0, 256)[:, None])
    steps = range(0, round(_RANGE_DB) + 1, 20)
    return colours, tuple(Tick(at=1 - down / _RANGE_DB, label=f"{-down} dB") for down in steps)


def _frequency_ticks(top_hz: float, *, is_log: bool) -> tuple[Tick, ...]:
    import math

    if is_log:
        span = math.log(top_hz / _LOWEST_LOG_HZ)
        return tuple(
            Tick(at=math.log(hz / _LOWEST_LOG_HZ) / span, label=f"{hz}")
            for hz in _LOG_TICKS_HZ
            if hz <= top_hz
        )
    step = round_step(top_hz)
    return tuple(
        Tick(at=index * step / top_hz, label=f"{index * step:g}")
        for index in range(int(top_hz / step + 1e-6) + 1)
    )
