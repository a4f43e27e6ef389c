"""Draw how many pixels of a picture are how bright, for each colour."""

from __future__ import annotations

from controlllm_tools.media.images import read_rgb
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_CHANNELS = (("red", "#d62728"), ("green", "#2ca02c"), ("blue", "#1f77b4"))
_CROWDED = 0.995
"""The axis ends at this quantile of the counts: one flat area would press the rest to the floor."""


class HistogramChart(CpuTool):
    """Three curves over the 256 levels, and the brightness as a grey area."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Draw the histogram.

        Returns:
            `chart`: PNG, 900x500 pixels.

        Raises:
            InvalidInput: The picture cannot be read.
        """
        import cv2
        import numpy as np
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        rgb = read_rgb(inputs.file("image"))
        context.check()
        levels = np.arange(256)
        luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        shares = [
            np.bincount(each.ravel(), minlength=256) / luma.size * 100
            for each in (luma, rgb[..., 0], rgb[..., 1], rgb[..., 2])
        ]
        figure = Figure(figsize=(9, 5), dpi=100, layout="constrained")
        axes = figure.add_subplot()
        axes.fill_between(levels, shares[0], color="0.8", label="brightness")
        for (name, colour), share in zip(_CHANNELS, shares[1:], strict=True):
            axes.plot(levels, share, color=colour, label=name, linewidth=1.3)
        top = float(np.quantile(np.concatenate(shares), _CROWDED)) * 1.3
        axes.set(
            xlim=(0, 255),
            ylim=(0, max(top, 0.1)),
            xlabel="level, from dark to bright",
            ylabel="% of the pixels",
            title=f"Histogram of {rgb.shape[1]}x{rgb.shape[0]} pixels",
        )
        axes.legend(frameon=False)
        path = context.scratch / "histogram.png"
        canvas = FigureCanvasAgg(figure)
        # it comes without types; without the metadata the bytes do not depend on its version
        canvas.print_png(path, metadata={"Software": None})  # type: ignore[no-untyped-call]
        caption = f"histogram; median brightness {float(np.median(luma)):.0f} of 255"
        return {"chart": Output.of_file(path, caption=caption)}
