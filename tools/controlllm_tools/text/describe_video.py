"""Say in plain English what was measured of a video, and nothing else."""

from __future__ import annotations

from controlllm_tools.media.phrases import listed, number_word, on_scale, quoted
from controlllm_tools.media.video_facts import Look, Motion, Sound, VideoFacts, read_video_facts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_MOST_LINES = 3
_MOST_CHARACTERS = 60
_MOST_COLOURS = 3


class DescribeVideo(CpuTool):
    """Two to five sentences from the facts of a video."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Put the facts into words.

        Returns:
            `description`: a paragraph.

        Raises:
            InvalidInput: The facts are not facts of a video.
        """
        context.check()
        text = describe(read_video_facts(inputs.text("facts")))
        return {"description": Output.of_text(text, name="description.txt", caption=text[:100])}


def describe(facts: VideoFacts) -> str:
    """A paragraph that says what was measured."""
    sentences = (
        _length_and_cuts(facts),
        _movement(facts.motion),
        _light_and_colour(facts.look),
        _text_and_faces(facts),
        _sound(facts.sound),
    )
    return " ".join(sentence for sentence in sentences if sentence)


def _length_and_cuts(facts: VideoFacts) -> str:
    shape = _shape(facts.width_px, facts.height_px)
    opening = f"This {shape} video lasts {_duration(facts.seconds)}"
    if facts.cuts == 0:
        return f"{opening} and runs without a cut."
    shot = _duration(facts.seconds / (facts.cuts + 1))
    if facts.cuts == 1:
        return f"{opening} and has one cut."
    return (
        f"{opening} and has {number_word(facts.cuts)} cuts, so that a shot lasts {shot} on average."
    )


def _movement(motion: Motion) -> str:
    if motion.speed < 0.003 and motion.peak < 0.02:
        return "The picture stands almost still."
    pace = on_scale(
        motion.speed, (0.02, "gently"), (0.08, "at an easy pace"), (0.25, "briskly"), "fast"
    )
    heading = _heading(motion)
    if heading and motion.moving > 0.6:
        text = f"The whole picture moves {heading}, {pace}"
    elif motion.moving > 0.6:
        text = f"Nearly everything in the picture moves, {pace}"
    elif motion.moving > 0.15:
        text = f"About {round(motion.moving * 20) * 5} % of the picture moves, {pace}"
    else:
        text = "Only small parts of the picture move"
    if motion.peak > 0.05 and motion.peak > 2.5 * motion.speed:
        text += ", with moments that are much livelier"
    return text + "."


def _light_and_colour(look: Look) -> str:
    light = on_scale(
        look.brightness, (0.2, "dark"), (0.38, "rather dark"), (0.58, "evenly lit"), "bright"
    )
    contrast = on_scale(look.contrast, (0.25, "soft"), (0.5, "moderate"), "strong")
    strength = on_scale(look.colourfulness, (0.08, ""), (0.3, "muted"), (0.6, "natural"), "vivid")
    tint = on_scale(look.warmth, (-0.06, ", cool"), (0.06, ""), ", warm")
    names = list(dict.fromkeys(swatch.name for swatch in look.palette if swatch.share >= 0.05))
    colours = f"{strength}{tint} colours" if strength else "hardly any colour"
    text = f"It is {light}, with {contrast} contrast and {colours}"
    if names:
        text += f": mostly {listed(names[:_MOST_COLOURS])}"
    return text + "."


def _text_and_faces(facts: VideoFacts) -> str:
    parts = []
    if facts.texts:
        lines = [quoted(seen.text, _MOST_CHARACTERS) for seen in facts.texts[:_MOST_LINES]]
        more = len(facts.texts) - len(lines)
        text = f"Words on screen read {listed(lines)}"
        parts.append(text + (f", and {number_word(more)} more lines" if more > 1 else ""))
    if facts.faces:
        what = "one face" if facts.faces == 1 else f"{number_word(facts.faces)} faces at once"
        parts.append(f"{what} can be seen")
    if not parts:
        return ""
    sentence = "; ".join(parts)
    return sentence[0].upper() + sentence[1:] + "."


def _sound(sound: Sound | None) -> str:
    if sound is None:
        return "There is no sound."
    if sound.loudness_lufs is None or sound.silence > 0.98:
        return "It has a sound track, but nothing can be heard on it."
    level = on_scale(
        sound.loudness_lufs, (-30, "very quiet"), (-22, "quiet"), (-15, "of usual loudness"), "loud"
    )
    text = f"The sound is {level}"
    if sound.silence < 0.05:
        return f"{text} and goes on without a pause."
    return f"{text}, with silence for {round(sound.silence * 100)} % of the time."


def _shape(width_px: int, height_px: int) -> str:
    ratio = width_px / height_px
    return "square" if 0.95 < ratio < 1.05 else "landscape" if ratio > 1 else "portrait"


def _heading(motion: Motion) -> str:
    """The way a steady drift goes, or nothing when the movement has no common direction."""
    across, down = motion.drift_x, motion.drift_y
    if max(abs(across), abs(down)) < 0.6 * motion.speed:
        return ""
    if abs(across) >= abs(down):
        return "to the right" if across > 0 else "to the left"
    return "downwards" if down > 0 else "upwards"


def _duration(seconds: float) -> str:
    if seconds < 9.95:
        shown = f"{seconds:.1f}".removesuffix(".0")
        return "1 second" if shown == "1" else f"{shown} seconds"
    whole = round(seconds)
    if whole < 120:
        return f"{whole} seconds"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} minutes" + (f" and {rest} seconds" if rest else "")
