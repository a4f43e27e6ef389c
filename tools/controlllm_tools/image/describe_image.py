"""Say in plain English what was measured and found on a picture, and nothing else."""

from __future__ import annotations

from controlllm_tools.image.codes import codes_on
from controlllm_tools.image.detect_faces import DetectFaces
from controlllm_tools.image.image_facts import BLURRED, ImageFacts, measure
from controlllm_tools.image.read_text import ReadText
from controlllm_tools.media.boxes import Boxes
from controlllm_tools.media.images import read_layer, read_rgb
from controlllm_tools.media.phrases import listed, number_word, on_scale, quoted
from controlllm_tools.tool import Inputs, Output, Outputs, ToolContext

_MOST_CHARACTERS = 200
_MOST_COLOURS = 3
_LEAST_SHARE = 0.05


class DescribeImage:
    """A few sentences from facts, faces, words and codes.

    It names no objects: it says what it can prove, and leaves what the picture is of to who looks.
    """

    def __init__(self) -> None:
        self._faces = DetectFaces()
        self._reader = ReadText()

    def load(self, device: str) -> None:
        """Load the finder of faces and the reader of words.

        Raises:
            ToolUnavailable: One of them came without its models.
        """
        self._faces.load(device)
        self._reader.load(device)

    def unload(self) -> None:
        """Free both."""
        self._faces.unload()
        self._reader.unload()

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Look and say.

        Returns:
            `description`: two to five sentences.

        Raises:
            InvalidInput: The picture cannot be read.
        """
        layer, alpha = read_layer(inputs.file("image"))
        # what is looked for on a cut-out is looked for on white
        rgb = layer if alpha is None else read_rgb(inputs.file("image"))
        facts = measure(layer, alpha)
        context.progress(0.2, "looking for faces")
        faces = self._faces.find(rgb, context)
        context.progress(0.4, "reading")
        words, _ = self._reader.read(rgb, context)
        sentences = (
            size_and_light(facts),
            colours(facts),
            people(faces),
            wording(words, codes_on(rgb)),
            quality(facts),
        )
        text = " ".join(sentence for sentence in sentences if sentence)
        return {"description": Output.of_text(text, name="description.txt", caption=text[:200])}


def size_and_light(facts: ImageFacts) -> str:
    """Shape, size, brightness and contrast."""
    look = facts.look
    light = on_scale(
        look.brightness, (0.2, "dark"), (0.38, "rather dark"), (0.62, "evenly lit"), "bright"
    )
    contrast = on_scale(look.contrast, (0.25, "soft"), (0.5, "moderate"), "strong")
    size = f"{facts.width_px}x{facts.height_px} pixels"
    return f"This {facts.orientation} picture of {size} is {light}, with {contrast} contrast."


def colours(facts: ImageFacts) -> str:
    """The main colours by their shares, and how strong they are."""
    shares: dict[str, float] = {}
    for swatch in facts.look.palette:
        shares[swatch.name] = shares.get(swatch.name, 0.0) + swatch.share
    main = sorted(shares.items(), key=lambda each: -each[1])[:_MOST_COLOURS]
    named = [f"{name} ({share:.0%})" for name, share in main if share >= _LEAST_SHARE]
    clear = ""
    if facts.transparent >= 0.01:
        clear = f" About {facts.transparent:.0%} of it is transparent."
    if facts.look.colourfulness < 0.03:
        return f"It has hardly any colour: mostly {listed(named)}.{clear}"
    strength = on_scale(facts.look.colourfulness, (0.3, "muted"), (0.6, "natural"), "vivid")
    return f"Its colours are {strength}, mostly {listed(named)}.{clear}"


def people(faces: Boxes) -> str:
    """How many faces, and where the largest is."""
    count = len(faces.boxes)
    if not count:
        return ""
    largest = faces.boxes[0]
    across = (largest.x + largest.width / 2) / faces.width_px
    down = (largest.y + largest.height / 2) / faces.height_px
    side = on_scale(across, (0.38, "left"), (0.62, ""), "right")
    level = on_scale(down, (0.38, "upper"), (0.62, ""), "lower")
    place = {
        (False, False): "in the middle",
        (False, True): f"in the {level} part",
        (True, False): f"on the {side}",
        (True, True): f"in the {level} {side}",
    }[bool(side), bool(level)]
    if count == 1:
        return f"One face can be seen, {place}."
    return f"{number_word(count).capitalize()} faces can be seen, the largest {place}."


def wording(words: str, codes: tuple[str, ...]) -> str:
    """What is written on it, as a quotation, and what codes on it say."""
    line = " / ".join(row.strip() for row in words.splitlines() if row.strip())
    parts = []
    if line:
        parts.append(f"Words on it read {quoted(line, _MOST_CHARACTERS)}.")
    if codes:
        parts.append(f"A code on it says {quoted(codes[0], _MOST_CHARACTERS)}.")
    return " ".join(parts)


def quality(facts: ImageFacts) -> str:
    """What a person would complain about, if anything."""
    faults = []
    if 0 < facts.sharpness < BLURRED and facts.look.contrast > 0.1:
        faults.append("blurred")
    if facts.noise > 6:
        faults.append("noisy")
    if facts.too_bright > 0.3 and facts.look.brightness > 0.75 and facts.look.colourfulness > 0.1:
        faults.append("partly overexposed")
    if facts.too_dark > 0.5:
        faults.append("for the most part black")
    return f"It is {listed(faults)}." if faults else ""
