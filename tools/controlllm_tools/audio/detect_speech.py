"""Find out when somebody speaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from controlllm_tools.media.effects import length_of
from controlllm_tools.media.ranges import Range
from controlllm_tools.media.spans import Span, Spans
from controlllm_tools.media.voice_activity import sounds_spoken, stretches
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_USUAL_PAUSE_S = 0.3


class DetectSpeech(CpuTool):
    """Voice activity by the detector of WebRTC; what does not change as speech does is left out."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Listen.

        Returns:
            `speech`: JSON of `Spans` with the label `speech`; empty when nobody speaks.

        Raises:
            InvalidInput: The file has no sound.
        """
        path = inputs.file("audio")
        seconds = length_of(path)
        pause_s = Range(0.0, 60.0).read(inputs, "pause_s", _USUAL_PAUSE_S)
        found: list[Span] = []
        for stretch in stretches(path, context):
            context.check()
            if sounds_spoken(stretch):
                end_s = min(stretch.end_s, seconds)
                found.append(Span(start_s=stretch.start_s, end_s=end_s, label="speech"))
            context.progress(min(1.0, stretch.end_s / seconds), "listening")
        spans = Spans(spans=tuple(_joined(found, pause_s)))
        share = 100 * spans.seconds / seconds
        caption = f"{len(spans.spans)} stretches of speech, {share:.0f}% of {seconds:.1f} s"
        return {"speech": Output.of_json(spans.to_json(), name="speech.json", caption=caption)}


def _joined(spans: Iterable[Span], pause_s: float) -> Iterator[Span]:
    """Neighbours with a shorter pause between them as one."""
    last: Span | None = None
    for span in spans:
        if last is not None and span.start_s - last.end_s <= pause_s:
            last = Span(start_s=last.start_s, end_s=span.end_s, label=span.label)
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last
