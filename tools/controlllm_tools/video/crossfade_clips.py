"""Join clips so that each goes over into the next."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.ranges import Range
from controlllm_tools.resources import MediaFacts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.fitting import RATE_HZ, Form, clip_facts

_TRANSITIONS = {
    "fade": "fade", "dissolve": "dissolve", "wipe": "wipeleft", "slide": "slideleft",
    "circle": "circleopen", "zoom": "zoomin", "pixelate": "pixelize", "black": "fadeblack",
    "white": "fadewhite",
}  # fmt: skip
_USUAL_S = 1.0
_FADE_S = Range(0.04, 10)
_SPARE_S = 2


class CrossfadeClips(CpuTool):
    """One video from many, with a transition of pictures and sound between neighbours."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Fit every clip to the first one's frame, and let each run into the next.

        Returns:
            `video`: MP4 as long as all clips together less the transitions.

        Raises:
            InvalidInput: A file is no video, there are too many, or a clip is too short for the
                transition that was asked for.
        """
        paths = inputs.files("clips")
        facts = clip_facts(paths)
        form = Form.of(facts[0])
        lengths = [form.seconds(fact) for fact in facts]
        fade_s = _fade_s(inputs, lengths, form.fps)
        starts = [0.0, *accumulate(length - fade_s for length in lengths[:-1])]
        seconds = starts[-1] + lengths[-1]
        transition = _TRANSITIONS[inputs.text("transition", "fade")]
        graph = [
            *_pictures(facts, form, starts, f"{transition}:duration={fade_s:.6f}"),
            *_sound(facts, form, starts, fade_s),
        ]
        target = ffmpeg.convert(
            [ffmpeg.Input(path) for path in paths],
            ["-filter_complex", ";".join(graph), "-map", "[v]", "-map", "[a]",
             "-t", f"{seconds:.6f}", *ffmpeg.H264, *ffmpeg.AAC, *ffmpeg.MP4],
            context.scratch / "crossfaded.mp4", context, duration_s=seconds,
        )  # fmt: skip
        caption = f"{len(paths)} clips with transitions of {fade_s:.1f} s, {seconds:.1f} s"
        return {"video": Output.of_file(target, name="crossfaded.mp4", caption=caption)}


def _fade_s(inputs: Inputs, lengths: Sequence[float], fps: int) -> float:
    """Length of the transitions in whole frames; no two of them meet in one clip."""
    longest = min(lengths) / 2
    if "fade_s" not in inputs:
        return max(1, int(min(_USUAL_S, longest) * fps)) / fps
    asked = _FADE_S.read(inputs, "fade_s", _USUAL_S)
    if asked > longest and len(lengths) > 1:
        msg = (
            f"a transition of {asked:g} s does not fit into a clip of {min(lengths):.1f} s; "
            f"ask for at most {longest:.1f} s"
        )
        raise InvalidInput(msg)
    return max(1, round(asked * fps)) / fps


def _pictures(
    facts: Sequence[MediaFacts], form: Form, starts: Sequence[float], how: str
) -> list[str]:
    parts = [
        f"{form.pictures(index, fact)},fps={form.fps}[c{index}]" for index, fact in enumerate(facts)
    ]
    before = "c0"
    for index, start_s in enumerate(starts[1:], start=1):
        parts.append(f"[{before}][c{index}]xfade=transition={how}:offset={start_s:.6f}[x{index}]")
        before = f"x{index}"
    return [*parts, f"[{before}]null[v]"]


def _sound(
    facts: Sequence[MediaFacts], form: Form, starts: Sequence[float], fade_s: float
) -> list[str]:
    """Each sound at its place with fades of equal power, all added up."""
    last = len(facts) - 1
    samples = round((starts[-1] + form.seconds(facts[-1])) * RATE_HZ)
    parts, labels = [], ""
    for index, (fact, start_s) in enumerate(zip(facts, starts, strict=True)):
        chain = [form.sound(index, fact)]
        if index > 0:
            chain.append(f"afade=t=in:d={fade_s:.6f}:curve=qsin")
        if index < last:
            out_s = form.seconds(fact) - fade_s
            chain.append(f"afade=t=out:st={out_s:.6f}:d={fade_s:.6f}:curve=qsin")
        # filters of several inputs treat their last frames as these happen to come in; so the end
        # lies in what is cut off
        chain += [
            f"adelay={round(start_s * RATE_HZ)}S:all=1",
            f"apad=whole_len={samples + _SPARE_S * RATE_HZ}",
        ]
        parts.append(f"{','.join(chain)}[s{index}]")
        labels += f"[s{index}]"
    mixed = f"{labels}amix=inputs={len(facts)}:duration=longest:normalize=0"
    return [*parts, f"{mixed},atrim=end_sample={samples}[a]"]
