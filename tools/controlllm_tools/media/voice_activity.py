"""Where a voice may be: the stretches of sound that the detector of WebRTC takes for speech."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controlllm_tools.media import ffmpeg
from controlllm_tools.tool import ToolContext

RATE_HZ = 16_000

_BYTES_A_SECOND = 2 * RATE_HZ
_LONGEST_STRETCH_S = 20.0
_JUDGED_WINDOW = RATE_HZ // 50
_FEWEST_WINDOWS = 5
_LEAST_LEVEL_SPREAD_DB = 7.0
_LEAST_CENTROID_SPREAD_HZ = 550.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sound in which somebody may speak: where it starts, and its 16-bit samples at 16 kHz."""

    start_s: float
    pcm: bytes

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.pcm) / _BYTES_A_SECOND

    @property
    def end_s(self) -> float:
        """Where it ends, in seconds."""
        return self.start_s + self.seconds


def stretches(path: Path, context: ToolContext) -> Iterator[Stretch]:
    """Stream the sound and cut out where a voice may be; a long stretch is cut in a quiet moment.

    The detector of voice activity is the one of WebRTC, inside pocketsphinx.
    """
    from pocketsphinx import Endpointer

    detector: Any = Endpointer(sample_rate=RATE_HZ)
    size = detector.frame_bytes
    options = ["-vn", "-ac", "1", "-ar", str(RATE_HZ), "-f", "s16le"]
    with ffmpeg.raw_stream([ffmpeg.Input(path)], options, context) as stream:
        gathered, start_s, ended = b"", 0.0, False
        while not ended:
            frame = stream.read(size)
            ended = len(frame) < size
            # the end wants at least one sample
            heard = detector.end_stream(frame or b"\0\0") if ended else detector.process(frame)
            if heard is not None:
                if not gathered:
                    start_s = detector.speech_start
                gathered += heard
            if gathered and (ended or not detector.in_speech):
                yield Stretch(start_s, gathered)
                gathered = b""
            elif len(gathered) >= _LONGEST_STRETCH_S * _BYTES_A_SECOND:
                cut = _quietest(gathered)
                yield Stretch(start_s, gathered[:cut])
                start_s, gathered = start_s + cut / _BYTES_A_SECOND, gathered[cut:]


def _quietest(pcm: bytes) -> int:
    """The byte position of the quietest tenth of a second in the last quarter."""
    import numpy as np

    window = RATE_HZ // 10
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
    windows = samples[: len(samples) // window * window].reshape(-1, window)
    energy = np.square(windows).mean(axis=1)
    first = len(windows) * 3 // 4
    return int((first + int(energy[first:].argmin()) + 0.5) * window) * 2


def sounds_spoken(stretch: Stretch) -> bool:
    """Whether a stretch changes as speech does, in level and in colour; tones and noise do not.

    The detector takes many steady sounds for a voice. Syllables rise and fall, and vowels and
    consonants differ in where their power lies. Thresholds lie between speech in noise of 10 dB
    and music, tones and noise, as measured.
    """
    import numpy as np

    samples = np.frombuffer(stretch.pcm, dtype="<i2").astype(np.float32) / 32_768
    count = len(samples) // _JUDGED_WINDOW
    if count < _FEWEST_WINDOWS:
        return False
    windows = samples[: count * _JUDGED_WINDOW].reshape(count, _JUDGED_WINDOW)
    power = np.square(np.abs(np.fft.rfft(windows * np.hanning(_JUDGED_WINDOW), axis=1)))
    total = power.sum(axis=1) + 1e-9
    levels_db = 10 * np.log10(total)
    hz = np.fft.rfftfreq(_JUDGED_WINDOW, 1 / RATE_HZ)
    centroids_hz = (power * hz).sum(axis=1) / total
    low, high = np.percentile(levels_db, (10, 90))
    return bool(
        high - low >= _LEAST_LEVEL_SPREAD_DB and centroids_hz.std() >= _LEAST_CENTROID_SPREAD_HZ
    )
