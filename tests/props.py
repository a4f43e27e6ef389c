"""Real media that scenarios are played with: made on the spot, of content that a test knows."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image, ImageDraw

from controlllm_tools.media import ffmpeg
from controlllm_tools.media.fonts import font
from controlllm_tools.media.sound import read_sound, sound_facts
from controlllm_tools.samples.voice import speak
from controlllm_tools.tool import ToolContext

VOICE_RATE_HZ = 22_050
SLIDE_PX = (640, 360)
PAUSE_S = 1.2

SIGNS = (
    "Fresh bread\nevery morning",
    "Boats for hire\nask at the pier",
    "Museum closed\non Mondays",
)
PAGE_LINES = (
    "Dear visitors,",
    "the lighthouse is open again",
    "from the first of June.",
    "Please bring warm clothes,",
    "because the wind is strong.",
)


MEETING = (
    "The old fence must be painted before the winter.",
    "We need ten people to help us on Saturday morning.",
    "Please bring warm clothes and a good brush.",
    "Lunch will be served at noon in the garden.",
    "The music school will play in the afternoon.",
    "Thank you for coming today.",
)


@dataclass(frozen=True)
class Part:
    """One part of a talk: its slide and what is said to it."""

    heading: str
    colour: tuple[int, int, int]
    words: str


TALK = (
    Part(
        "Apples",
        (178, 34, 34),
        "First we talk about apples. An apple tree needs sun and water. "
        "Every apple tree gives us a basket of apples.",
    ),
    Part(
        "Trains",
        (24, 84, 160),
        "Now we talk about trains. The train leaves the station in the morning. "
        "A train can carry many people.",
    ),
    Part(
        "Music",
        (26, 128, 72),
        "At last we talk about music. The music school has a piano. Good music makes people happy.",
    ),
)


@dataclass(frozen=True)
class Props:
    """Makes media below the scratch folder of a context.

    Attributes:
        context: Of the calls that make speech.
    """

    context: ToolContext

    def speech(self, name: str, words: str) -> Path:
        """Somebody who says these words, FLAC, mono."""
        return speak(words, self.context.scratch / name, self.context)

    def noisy_speech(self, name: str, words: str, *, snr_db: float) -> Path:
        """The same with a steady hiss; a second of hiss alone comes first."""
        clean = read_sound(self.speech(f"clean-{name}", words), self.context, rate_hz=VOICE_RATE_HZ)
        voice = np.concatenate([np.zeros(VOICE_RATE_HZ), clean[0]])
        hiss = np.random.default_rng(7).standard_normal(len(voice))
        hiss *= np.sqrt(np.square(voice).mean()) / 10 ** (snr_db / 20)
        path = self.context.scratch / name
        soundfile.write(path, np.clip(voice + hiss, -1, 1), VOICE_RATE_HZ)
        return path

    def talk(self, name: str, parts: tuple[Part, ...] = TALK) -> Path:
        """A recorded talk: a slide for each part, and a voice with a pause between parts."""
        clips = []
        for number, part in enumerate(parts):
            slide = self.slide(f"slide-{number}.png", part)
            voice = self.speech(f"part-{number}.flac", part.words)
            clip = self.context.scratch / f"part-{number}.mp4"
            seconds = (sound_facts(voice).duration_s or 0.0) + PAUSE_S
            _run(
                ["-loop", "1", "-framerate", "10", "-i", slide, "-i", voice, "-af", "apad",
                 "-t", f"{seconds:.1f}", "-pix_fmt", "yuv420p",
                 "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-ar", "44100", clip]
            )  # fmt: skip
            clips.append(clip)
        listing = self.context.scratch / "parts.txt"
        listing.write_text("".join(f"file '{clip}'\n" for clip in clips))
        path = self.context.scratch / name
        _run(["-f", "concat", "-safe", "0", "-i", listing, "-c", "copy", path])
        return path

    def slide(self, name: str, part: Part) -> Path:
        """A heading on a plain colour."""
        picture = Image.new("RGB", SLIDE_PX, part.colour)
        ImageDraw.Draw(picture).text((320, 150), part.heading, "white", font(72), anchor="mm")
        return self._saved(picture, name)

    def photos(self, count: int) -> list[Path]:
        """Photos of hills under a sun, each of another hue."""
        return [self._photo(f"photo-{n + 1:02}.jpg", n / count) for n in range(count)]

    def signs(self) -> list[Path]:
        """Three pictures of signs, with the words of `SIGNS`."""
        return [self._sign(f"sign-{n + 1}.png", words) for n, words in enumerate(SIGNS)]

    def scan(self, name: str) -> Path:
        """A typed page, scanned a little askew and not quite clean, with `PAGE_LINES`."""
        page = Image.new("L", (1000, 1300), 250)
        draw = ImageDraw.Draw(page)
        for number, line in enumerate(PAGE_LINES):
            draw.text((120, 160 + 90 * number), line, 30, font(46))
        askew = page.rotate(1.2, Image.Resampling.BICUBIC, fillcolor=250)
        grain = np.random.default_rng(3).normal(0, 7, (askew.height, askew.width))
        pixels = (np.asarray(askew) + grain).clip(0, 255).astype(np.uint8)
        return self._saved(Image.fromarray(pixels), name)

    def logo(self, name: str) -> Path:
        """A dark blue ring with an orange sail on white."""
        picture = Image.new("RGB", (1200, 1200), "white")
        draw = ImageDraw.Draw(picture)
        draw.ellipse((200, 200, 1000, 1000), outline=(20, 50, 150), width=90)
        draw.polygon((580, 380, 580, 760, 830, 760), fill=(240, 120, 20))
        draw.polygon((540, 460, 540, 760, 390, 760), fill=(240, 120, 20))
        return self._saved(picture.resize((400, 400), Image.Resampling.LANCZOS), name)

    def _photo(self, name: str, hue: float) -> Path:
        width, height = 960, 640
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        hsv = np.empty((height, width, 3), np.uint8)
        hsv[..., 0] = round(hue * 255)
        hsv[..., 1] = (90 + 100 * y / height).astype(np.uint8)
        hsv[..., 2] = (235 - 70 * y / height).astype(np.uint8)
        hills = y > height * 0.62 + 60 * np.sin(x / 130 + 6 * hue) + 20 * np.sin(x / 37)
        hsv[hills, 2] = (hsv[hills, 2] * 0.55).astype(np.uint8)
        picture = Image.fromarray(hsv, "HSV").convert("RGB")
        left = 120 + round(600 * hue)
        ImageDraw.Draw(picture).ellipse((left, 90, left + 110, 200), fill=(255, 250, 230))
        return self._saved(picture, name)

    def _sign(self, name: str, words: str) -> Path:
        picture = Image.new("RGB", (720, 420), (94, 122, 108))
        draw = ImageDraw.Draw(picture)
        draw.rectangle((60, 70, 660, 350), fill=(248, 244, 230), outline=(80, 60, 40), width=8)
        draw.multiline_text(
            (360, 210), words, (30, 34, 48), font(52), anchor="mm", align="center", spacing=24
        )
        return self._saved(picture, name)

    def _saved(self, picture: Image.Image, name: str) -> Path:
        path = self.context.scratch / name
        picture.save(path)
        return path


def _run(options: list[str | Path]) -> None:
    command = [ffmpeg.executable(), "-v", "error", "-y", *map(str, options)]
    subprocess.run(command, check=True, timeout=60)
