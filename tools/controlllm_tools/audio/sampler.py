"""Single notes played from a sound font: looped, tuned, shaped and placed.

Each tone is made once and remembered; velocity, release and length are put on as it is played.
(The synthesiser inside symusic 0.5.9 was tried first: it plays many programs out of tune, every
note equally loud, and cuts notes off.)
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.audio.instruments import INSTRUMENTS
from controlllm_tools.audio.soundfont import Envelope, SoundFont, Zone
from controlllm_tools.errors import ToolUnavailable

if TYPE_CHECKING:  # numpy loads when music is rendered, not when a tool is listed
    from numpy import float32, float64, int64
    from numpy.typing import NDArray

    Stereo = NDArray[float32]

RATE_HZ = 44_100

_REFERENCE_RMS = 0.1
_REFERENCE_VELOCITY = 90
_SOFT_CUTOFF_HZ = 1_600.0
_HIGHEST_CUTOFF_HZ = 18_000.0
_LEAST_RING_S = 1.2
_SHORTEST_ATTACK_S = 0.002
_LAST_RAMP = 64
_FALL_60_DB = 6.9
_DECIBELS_OF_A_DECAY = 100.0


class Sampler:
    """Plays notes of any instrument, velocity and length; remembers the tones."""

    def __init__(self) -> None:
        self._font = SoundFont(sound_font())
        self._tones: dict[tuple[str, int, tuple[Zone, ...]], tuple[Stereo, Stereo]] = {}
        self._gains: dict[str, float] = {}

    def note(self, name: str, pitch: int, velocity: int, seconds: float) -> Stereo:
        """One note as it sounds, release included.

        Args:
            name: Of the instrument.
            pitch: MIDI number.
            velocity: From 1 to 127.
            seconds: From key down to key up.

        Returns:
            float32, shape (2, samples), at `RATE_HZ`.
        """
        import numpy as np

        instrument = INSTRUMENTS[name]
        held = int(max(seconds, _LEAST_RING_S if instrument.rings else 0.02) * RATE_HZ)
        release = int(instrument.release_s * RATE_HZ)
        count = held + release
        full, soft = self._tone(name, pitch, velocity, count)
        touch = np.float32(velocity / 127)
        shape = np.ones(count, dtype=np.float32)
        shape[held:] = np.exp(-_FALL_60_DB * np.arange(release, dtype=np.float32) / release)
        shape[-_LAST_RAMP:] *= np.linspace(1, 0, _LAST_RAMP, dtype=np.float32)
        # a light touch is softer in tone, too
        clear = np.sqrt(touch)
        mixed = clear * full[:, :count] + (1 - clear) * soft[:, :count]
        sounding: Stereo = mixed * shape * np.float32(self._gain(name) * touch**1.7)
        return sounding

    def forget(self) -> None:
        """Free the remembered tones."""
        self._tones.clear()

    def _tone(self, name: str, pitch: int, velocity: int, count: int) -> tuple[Stereo, Stereo]:
        """A tone of at least so many samples, and the same with its upper partials taken down."""
        from scipy.signal import butter, lfilter

        instrument = INSTRUMENTS[name]
        zones = self._font.zones(instrument.program, pitch, velocity, is_drum=instrument.is_drum)
        known = self._tones.get((name, pitch, zones))
        if known is None or known[0].shape[1] < count:
            full = self._play(zones, count)
            soft = lfilter(*butter(1, _SOFT_CUTOFF_HZ, fs=RATE_HZ), full, axis=1)
            known = self._tones[name, pitch, zones] = (full, soft.astype("float32"))
        return known

    def _play(self, zones: tuple[Zone, ...], count: int) -> Stereo:
        """All samples of a note together, held for so long."""
        import numpy as np
        from scipy.signal import butter, lfilter

        sound = np.zeros((2, count), dtype=np.float32)
        for zone in zones:
            wave = self._wave(zone, count) * _volume(zone.envelope, count)
            if zone.cutoff_hz < _HIGHEST_CUTOFF_HZ:
                wave = lfilter(*butter(2, zone.cutoff_hz, fs=RATE_HZ), wave)
            angle = (zone.pan + 1) * np.pi / 4
            sides = np.array([[np.cos(angle)], [np.sin(angle)]])
            sound += (sides * wave * 10 ** (zone.gain_db / 20)).astype(np.float32)
        return sound

    def _wave(self, zone: Zone, count: int) -> NDArray[float64]:
        """The sample at its pitch, by cubic (Catmull-Rom) interpolation."""
        import numpy as np

        place = zone.start + np.arange(count) * (zone.step / RATE_HZ)
        whole = np.floor(place).astype(np.int64)
        part = place - whole
        before, here, after, beyond = (
            self._font.samples[_looped(whole + shift, zone)] / 32_768.0 for shift in (-1, 0, 1, 2)
        )
        curve = (
            here
            + part / 2 * (after - before)
            + part**2 * (before - 2.5 * here + 2 * after - beyond / 2)
            + part**3 * (1.5 * (here - after) + (beyond - before) / 2)
        )
        if zone.loop is None:
            curve[place >= zone.end - 2] = 0.0
        wave: NDArray[float64] = curve
        return wave

    def _gain(self, name: str) -> float:
        """What brings an instrument's middle register to a common level."""
        import numpy as np

        if name not in self._gains:
            instrument = INSTRUMENTS[name]
            middle = 38 if instrument.is_drum else (instrument.lowest + instrument.highest) // 2
            tone, _ = self._tone(name, middle, _REFERENCE_VELOCITY, 2 * RATE_HZ)
            # the loudest fifth of a second: slow attacks and quick decays compare
            parts = np.square(tone[:, : 2 * RATE_HZ]).mean(axis=0).reshape(10, -1)
            level = float(np.sqrt(parts.mean(axis=1).max()))
            self._gains[name] = _REFERENCE_RMS / max(level, 1e-4)
        return self._gains[name]


def sound_font() -> Path:
    """The General MIDI sound font that comes inside the pretty_midi package.

    Raises:
        ToolUnavailable: The package is not here, or no longer brings it.
    """
    found = importlib.util.find_spec("pretty_midi")
    path = Path(found.origin).parent / "TimGM6mb.sf2" if found and found.origin else Path()
    if not path.is_file():
        msg = "the sound font TimGM6mb.sf2 is missing (pip install 'pretty_midi>=0.2.11')"
        raise ToolUnavailable(msg)
    return path


def _looped(place: NDArray[int64], zone: Zone) -> NDArray[int64]:
    """Positions in the file, with those past the loop led back into it."""
    import numpy as np

    if zone.loop is None:
        return np.clip(place, zone.start, zone.end - 1)
    start, end = zone.loop
    return np.where(
        place < end, np.maximum(place, zone.start), start + (place - end) % (end - start)
    )


def _volume(envelope: Envelope, count: int) -> NDArray[float64]:
    """The volume envelope while a note is held: linear rise, then a fall that is even in dB."""
    import numpy as np

    seconds = np.arange(count) / RATE_HZ - envelope.delay_s
    attack = max(envelope.attack_s, _SHORTEST_ATTACK_S)
    falling = np.maximum(0.0, seconds - attack - envelope.hold_s)
    fallen_db = np.minimum(envelope.sustain_db, falling / envelope.decay_s * _DECIBELS_OF_A_DECAY)
    volume: NDArray[float64] = np.clip(seconds / attack, 0.0, 1.0) * 10 ** (-fallen_db / 20)
    return volume
