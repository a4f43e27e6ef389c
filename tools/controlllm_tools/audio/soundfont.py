"""Read a SoundFont 2 file: which recorded samples make up a note, and how each is to be played.

Source: SoundFont Technical Specification 2.04, sections 4 to 9. Read are the samples, their loops
and tuning, key and velocity ranges, level, position, low-pass filter and volume envelope. The
modulation envelope is taken to stay at its peak, where it opens the filter; modulators and
low-frequency oscillators are left aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from controlllm_tools.errors import ToolUnavailable

if TYPE_CHECKING:  # numpy loads when music is rendered, not when a tool is listed
    from numpy import int16
    from numpy.typing import NDArray

DRUM_BANK = 128

_TABLES = {
    b"phdr": [("name", "S20"), ("preset", "<u2"), ("bank", "<u2"), ("bag", "<u2"), ("_", "V12")],
    b"pbag": [("gen", "<u2"), ("mod", "<u2")],
    b"pgen": [("kind", "<u2"), ("low", "u1"), ("high", "u1")],
    b"inst": [("name", "S20"), ("bag", "<u2")],
    b"ibag": [("gen", "<u2"), ("mod", "<u2")],
    b"igen": [("kind", "<u2"), ("low", "u1"), ("high", "u1")],
    b"shdr": [
        ("name", "S20"), ("start", "<u4"), ("end", "<u4"), ("loop", "<u4"), ("loop_end", "<u4"),
        ("rate", "<u4"), ("key", "u1"), ("cents", "i1"), ("link", "<u2"), ("type", "<u2"),
    ],
}  # fmt: skip

_START, _END, _LOOP, _LOOP_END = 0, 1, 2, 3
_START_COARSE, _END_COARSE, _LOOP_COARSE, _LOOP_END_COARSE = 4, 12, 45, 50
_FILTER, _FILTER_OPENING, _PAN = 8, 11, 17
_DELAY, _ATTACK, _HOLD, _DECAY, _SUSTAIN = 33, 34, 35, 36, 37
_INSTRUMENT, _KEYS, _VELOCITIES, _SAMPLE = 41, 43, 44, 53
_ATTENUATION, _SEMITONES, _CENTS, _MODE, _SCALE, _ROOT = 48, 51, 52, 54, 56, 58

_DEFAULTS = {_FILTER: 13_500, _SCALE: 100, _ROOT: -1, _DELAY: -12_000, _ATTACK: -12_000,
             _HOLD: -12_000, _DECAY: -12_000}  # fmt: skip
_ONLY_IN_INSTRUMENTS = {
    _START, _END, _LOOP, _LOOP_END, _START_COARSE, _END_COARSE, _LOOP_COARSE, _LOOP_END_COARSE,
    _KEYS, _VELOCITIES, _MODE, _ROOT, _SAMPLE, _INSTRUMENT,
}  # fmt: skip
_ATTENUATION_SCALE = 0.4
"""What the sound cards meant by one decibel, and what fonts are therefore made for."""

Generators = Mapping[int, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Volume over time: times in seconds, the level held in dB below full."""

    delay_s: float
    attack_s: float
    hold_s: float
    decay_s: float
    sustain_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One sample that sounds for a note.

    Attributes:
        start: First sample.
        end: Sample after the last one.
        loop: The samples to repeat while the note is held, or None.
        step: Samples to go on for each second of sound.
        gain_db: Level.
        pan: From -1, left, to 1, right.
        cutoff_hz: Of the low-pass filter.
        envelope: Volume over time.
    """

    start: int
    end: int
    loop: tuple[int, int] | None
    step: float
    gain_db: float
    pan: float
    cutoff_hz: float
    envelope: Envelope


class SoundFont:
    """A sound font in memory."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            ToolUnavailable: The file is no sound font.
        """
        import numpy as np

        data = path.read_bytes()
        chunks = dict(_chunks(data))
        missing = [name.decode() for name in (b"smpl", *_TABLES) if name not in chunks]
        if data[:4] != b"RIFF" or data[8:12] != b"sfbk" or missing:
            msg = f"{path.name} is not a sound font; install pretty_midi again"
            raise ToolUnavailable(msg)
        self.samples: NDArray[int16] = np.frombuffer(chunks[b"smpl"], dtype="<i2")
        self._tables: dict[bytes, Any] = {
            name: np.frombuffer(chunks[name], dtype=np.dtype(fields))
            for name, fields in _TABLES.items()
        }

    def zones(self, program: int, key: int, velocity: int, *, is_drum: bool) -> tuple[Zone, ...]:
        """The samples that sound together for a note.

        Args:
            program: General MIDI program from 0; of a drum set, the set.
            key: MIDI number of the note.
            velocity: From 1 to 127.
            is_drum: Whether to look among the drum sets.
        """
        presets, bank = self._tables[b"phdr"], DRUM_BANK if is_drum else 0
        found = [
            index
            for index in range(len(presets) - 1)
            if presets["preset"][index] == program and presets["bank"][index] == bank
        ]
        if not found:
            return ()
        note = (key, velocity)
        return tuple(
            self._zone(_sum(inner, outer), key)
            for outer in self._matching(b"p", found[0], _INSTRUMENT, note)
            for inner in self._matching(b"i", _word(outer[_INSTRUMENT]), _SAMPLE, note)
        )

    def _matching(
        self, level: bytes, index: int, target: int, note: tuple[int, int]
    ) -> Iterator[Generators]:
        """The zones of a preset (`p`) or an instrument (`i`) that a note falls into.

        A first zone that points at nothing holds what the others leave open.
        """
        heads = self._tables[b"phdr" if level == b"p" else b"inst"]
        bags, generators = self._tables[level + b"bag"], self._tables[level + b"gen"]
        common: Generators = {}
        for bag in range(heads["bag"][index], heads["bag"][index + 1]):
            first, last = bags["gen"][bag], bags["gen"][bag + 1]
            own = {int(g["kind"]): (int(g["low"]), int(g["high"])) for g in generators[first:last]}
            if target not in own:
                common = own if bag == heads["bag"][index] else common
                continue
            zone = {**common, **own}
            ranges = zone.get(_KEYS, (0, 127)), zone.get(_VELOCITIES, (0, 127))
            if all(low <= value <= high for value, (low, high) in zip(note, ranges, strict=True)):
                yield zone

    def _zone(self, values: Mapping[int, int], key: int) -> Zone:
        head = self._tables[b"shdr"][values[_SAMPLE]]
        root = values[_ROOT] if values[_ROOT] >= 0 else int(head["key"])
        cents = (
            (key - root) * values[_SCALE]
            + 100 * values.get(_SEMITONES, 0)
            + values.get(_CENTS, 0)
            + int(head["cents"])
        )
        loop = (
            int(head["loop"]) + values.get(_LOOP, 0) + 32_768 * values.get(_LOOP_COARSE, 0),
            int(head["loop_end"]) + values.get(_LOOP_END, 0)
            + 32_768 * values.get(_LOOP_END_COARSE, 0),
        )  # fmt: skip
        opening = max(0, values.get(_FILTER_OPENING, 0))
        loops = values.get(_MODE, 0) in {1, 3} and loop[1] - loop[0] > 1
        return Zone(
            start=int(head["start"]) + values.get(_START, 0)
            + 32_768 * values.get(_START_COARSE, 0),
            end=int(head["end"]) + values.get(_END, 0) + 32_768 * values.get(_END_COARSE, 0),
            loop=loop if loops else None,
            step=float(head["rate"]) * 2 ** (cents / 1_200),
            gain_db=-_ATTENUATION_SCALE * values.get(_ATTENUATION, 0) / 10,
            pan=max(-1.0, min(1.0, values.get(_PAN, 0) / 500)),
            cutoff_hz=8.176 * 2 ** ((values[_FILTER] + opening) / 1_200),
            envelope=Envelope(
                delay_s=_seconds(values[_DELAY]),
                attack_s=_seconds(values[_ATTACK]),
                hold_s=_seconds(values[_HOLD]),
                decay_s=_seconds(values[_DECAY]),
                sustain_db=min(100.0, max(0.0, values.get(_SUSTAIN, 0) / 10)),
            ),
        )  # fmt: skip


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The leaves of a RIFF tree, by name."""
    position = 12
    while position + 8 <= len(data):
        name = data[position : position + 4]
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        if name == b"LIST":
            position += 12
            continue
        yield name, data[position + 8 : position + 8 + length]
        position += 8 + length + length % 2


def _sum(inner: Generators, outer: Generators) -> dict[int, int]:
    """Values of an instrument's zone, or the defaults, plus those of the preset's zone."""
    values = dict(_DEFAULTS)
    for kind, amount in inner.items():
        values[kind] = _word(amount) if kind == _SAMPLE else _signed(amount)
    for kind, amount in outer.items():
        if kind not in _ONLY_IN_INSTRUMENTS:
            values[kind] = values.get(kind, 0) + _signed(amount)
    return values


def _word(amount: tuple[int, int]) -> int:
    return amount[0] + 256 * amount[1]


def _signed(amount: tuple[int, int]) -> int:
    word = _word(amount)
    return word - 65_536 if word >= 32_768 else word


def _seconds(timecents: int) -> float:
    return float(2 ** (max(-12_000, min(8_000, timecents)) / 1_200))
