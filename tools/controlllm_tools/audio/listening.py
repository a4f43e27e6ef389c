"""Tempo and key of music, from one pass over its sound.

Tempo: the strength of note onsets is the growth of power in bands of the mel scale; the lag at
which it repeats best, weighted towards 120 beats a minute, is the beat (Ellis, "Beat tracking by
dynamic programming", 2007). Key: the power of the twelve notes, compared with the profiles of the
24 keys (Krumhansl and Kessler 1982) by correlation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.media.audio_facts import Key, Tempo

if TYPE_CHECKING:  # numpy loads when sound is read, not when a tool is listed
    from numpy import bool_, float32, float64, intp
    from numpy.typing import NDArray

    Samples = NDArray[float32]
    Floats = NDArray[float64]

RATE_HZ = 22_050

_ONSET_SIZE, _ONSET_HOP = 1_024, 256
_NOTE_SIZE, _NOTE_HOP = 8_192, 4_096
_BANDS = 40
_SLOWEST_BPM, _FASTEST_BPM = 40.0, 240.0
_USUAL_BPM, _OCTAVES_WIDE = 120.0, 0.6
_LONGEST_HEARD_FRAMES = 60_000
_LEAST_REGULARITY, _CHANCE = 0.1, 4.0
_LEAST_ONSET = 0.05
_BLUR = (0.25, 0.5, 0.25)
_BEATS = ((1, 1.0), (2, 0.5), (4, 0.25))
"""A beat repeats after one, two and four of it; how much each counts."""
_LOWEST_NOTE_HZ, _HIGHEST_NOTE_HZ = 65.0, 2_100.0
_LEAST_FIT = 0.55
_LEAST_NOTES, _LEAST_NOTE = 3, 0.1
_NAMES = (
    "C", "C sharp", "D", "E flat", "E", "F", "F sharp", "G", "A flat", "A", "B flat", "B",
)  # fmt: skip
_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


class MusicListener:
    """Takes in mono sound at 22,050 Hz block by block, and tells tempo and key at the end."""

    def __init__(self) -> None:
        import numpy as np

        self._rest: Samples = np.zeros(0, dtype=np.float32)
        self._note_rest: Samples = np.zeros(0, dtype=np.float32)
        self._mel = _mel_bands()
        self._pitch_classes, self._note_bins = _pitch_classes()
        self._last: Floats | None = None
        self._onsets: list[Floats] = []
        self._chroma: Floats = np.zeros(12)

    def add(self, block: Samples) -> None:
        """Listen to a block, shape (samples,)."""
        import numpy as np

        sound = np.concatenate([self._rest, block])
        frames, self._rest = _frames(sound, _ONSET_SIZE, _ONSET_HOP)
        if len(frames):
            power = np.square(np.abs(np.fft.rfft(frames, axis=1))) @ self._mel
            level = np.log10(1e-6 + power)
            before = level[:1] if self._last is None else self._last
            growth = np.diff(np.concatenate([before, level]), axis=0)
            self._onsets.append(np.maximum(growth, 0.0).mean(axis=1))
            self._last = level[-1:]
        notes = np.concatenate([self._note_rest, block])
        frames, self._note_rest = _frames(notes, _NOTE_SIZE, _NOTE_HOP)
        for spectrum in np.abs(np.fft.rfft(frames, axis=1)):
            heard = spectrum[self._note_bins]
            # loud and quiet passages count alike; peaks alone are notes
            is_peak = np.r_[False, (heard[1:-1] > heard[:-2]) & (heard[1:-1] > heard[2:]), False]
            strength = float(np.linalg.norm(heard))
            if strength > 1e-2:
                chroma = np.bincount(self._pitch_classes, heard * is_peak / strength, minlength=12)
                self._chroma += chroma

    def tempo(self) -> Tempo | None:
        """The beat; None when nothing repeats."""
        import numpy as np

        onsets = np.concatenate(self._onsets or [np.zeros(0)])[:_LONGEST_HEARD_FRAMES]
        per_minute = 60 * RATE_HZ / _ONSET_HOP
        if len(onsets) < 4 * per_minute / _USUAL_BPM or onsets.max() < _LEAST_ONSET:
            return None
        onsets = np.convolve(onsets - _running_mean(onsets, int(per_minute / 60)), _BLUR)
        repeats = np.fft.irfft(np.square(np.abs(np.fft.rfft(onsets, 2 * len(onsets)))))
        # long lags have fewer products; each counts by how many it has
        repeats = repeats[: len(onsets)] / np.arange(len(onsets), 0, -1)
        repeats[len(onsets) * 3 // 4 :] = 0.0  # too few products to mean anything
        lags = np.arange(int(per_minute / _FASTEST_BPM), int(per_minute / _SLOWEST_BPM) + 1)
        lags = lags[lags < len(repeats) // 2]
        scores = np.zeros(len(lags))
        for beats, share in _BEATS:
            inside = beats * lags < len(repeats)
            scores[inside] += share * repeats[beats * lags[inside]]
        # the less there is to hear, the more regular chance looks
        least = max(_LEAST_REGULARITY, _CHANCE / len(onsets) ** 0.5)
        scores[repeats[lags] < least * repeats[0]] = 0.0
        octaves = np.log2(per_minute / lags / _USUAL_BPM)
        scores *= np.exp(-0.5 * np.square(octaves / _OCTAVES_WIDE))
        if not scores.any():
            return None
        best = int(lags[int(np.argmax(scores))])
        regularity = float(repeats[best] / repeats[0])
        bpm = per_minute / _peak_between(repeats, best)
        return Tempo(bpm=round(bpm, 1), confidence=round(min(1.0, regularity), 2))

    def key(self) -> Key | None:
        """The key; None when the notes fit none."""
        import numpy as np

        if (self._chroma > _LEAST_NOTE * self._chroma.max()).sum() < _LEAST_NOTES:
            return None
        fits = {
            f"{_NAMES[tonic]} {mode}": float(
                np.corrcoef(np.roll(profile, tonic), self._chroma)[0, 1]
            )
            for mode, profile in (("major", _MAJOR), ("minor", _MINOR))
            for tonic in range(12)
        }
        name = max(fits, key=lambda each: fits[each])
        if fits[name] < _LEAST_FIT:
            return None
        return Key(name=name, confidence=round(min(1.0, max(0.0, fits[name])), 2))


def _frames(sound: Samples, size: int, hop: int) -> tuple[Samples, Samples]:
    """Windowed frames of shape (frames, size), and the sound that waits for more."""
    import numpy as np

    if len(sound) < size:
        return np.zeros((0, size), dtype=np.float32), sound
    windows = np.lib.stride_tricks.sliding_window_view(sound, size)[::hop]
    return windows * np.hanning(size).astype(np.float32), sound[len(windows) * hop :]


def _mel_bands() -> Floats:
    """Triangles on the mel scale from 30 Hz to 8 kHz, shape (bins, bands)."""
    import numpy as np

    hz = np.fft.rfftfreq(_ONSET_SIZE, 1 / RATE_HZ)
    mel = 2_595 * np.log10(1 + np.array([30.0, 8_000.0]) / 700)
    edges = 700 * (10 ** (np.linspace(mel[0], mel[1], _BANDS + 2) / 2_595) - 1)
    rising = (hz[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hz[:, None]) / (edges[2:] - edges[1:-1])
    bands: Floats = np.clip(np.minimum(rising, falling), 0.0, None)
    return bands


def _pitch_classes() -> tuple[NDArray[intp], NDArray[bool_]]:
    """The note, 0 for C to 11 for B, of each bin that can hold one, and which bins these are."""
    import numpy as np

    hz = np.fft.rfftfreq(_NOTE_SIZE, 1 / RATE_HZ)
    bins = (hz >= _LOWEST_NOTE_HZ) & (hz <= _HIGHEST_NOTE_HZ)
    notes = np.round(12 * np.log2(hz[bins] / 440.0) + 9).astype(int) % 12
    return notes, bins


def _running_mean(values: Floats, width: int) -> Floats:
    import numpy as np

    width = max(1, width)
    padded = np.pad(values, (width // 2, width - 1 - width // 2), mode="edge")
    sums = np.cumsum(np.concatenate([[0.0], padded]))
    means: Floats = (sums[width:] - sums[:-width]) / width
    return means


def _peak_between(values: Floats, at: int) -> float:
    """Where a parabola through a peak and its neighbours is highest."""
    left, middle, right = (float(values[at + step]) for step in (-1, 0, 1))
    bend = left - 2 * middle + right
    return at + (0.5 * (left - right) / bend if bend else 0.0)
