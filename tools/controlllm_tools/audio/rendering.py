"""Turn a piece into sound, block by block, so that an hour of music needs no more than minutes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.audio.instruments import INSTRUMENTS
from controlllm_tools.audio.room import Room
from controlllm_tools.audio.sampler import RATE_HZ, Sampler
from controlllm_tools.audio.score import TICKS_PER_BEAT, Note, Piece, Role

if TYPE_CHECKING:  # numpy loads when music is rendered, not when a tool is listed
    from numpy import float32
    from numpy.typing import NDArray

    Stereo = NDArray[float32]

_BLOCK_S = 8.0
_ROOM_FADE_S = 1.9
_LONGEST_FADE_OUT_S = 3.0
_DRUM_CHANNEL = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a part stands: its level in dB, from -1 left to 1 right, and how much room it gets."""

    level_db: float
    pan: float
    room: float


_PLACES: dict[Role, _Place] = {
    "lead": _Place(level_db=0.0, pan=-0.12, room=0.30),
    "chords": _Place(level_db=-4.0, pan=0.0, room=0.35),
    "figure": _Place(level_db=-3.0, pan=0.28, room=0.28),
    "bass": _Place(level_db=-3.5, pan=0.0, room=0.05),
    "drums": _Place(level_db=-1.0, pan=0.06, room=0.12),
}


@dataclass(frozen=True, slots=True)
class _Event:
    start_sample: int
    role: Role
    instrument: str
    note: Note


def render(piece: Piece, sampler: Sampler) -> Iterator[Stereo]:
    """The sound of a piece.

    Yields:
        float32 blocks of shape (2, samples) at 44.1 kHz that add up to exactly the length of the
        piece. The level is not set yet, and may pass full scale.
    """
    import numpy as np

    events = _events(piece)
    room = Room(rate_hz=RATE_HZ, fade_s=_ROOM_FADE_S)
    total, size = round(piece.seconds * RATE_HZ), int(_BLOCK_S * RATE_HZ)
    # dry sound and what is sent to the room, for this block and the ends of its notes
    ahead: Stereo = np.zeros((4, size), dtype=np.float32)
    position = 0
    for first in range(0, total, size):
        while position < len(events) and events[position].start_sample < first + size:
            ahead = _add(ahead, events[position], first, piece, sampler)
            position += 1
        block = ahead[:2, :size] + room.add(ahead[2:, :size])
        block = block[:, : min(size, total - first)]
        yield _faded(block, first, total, piece)
        ahead = np.pad(ahead[:, size:], ((0, 0), (0, max(0, 2 * size - ahead.shape[1]))))


def write_midi(piece: Piece, path: Path) -> Path:
    """Write the notes as a standard MIDI file, one track a part."""
    import mido

    file = mido.MidiFile(ticks_per_beat=TICKS_PER_BEAT)
    tempo = mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(piece.tempo_bpm))
    file.tracks.append(mido.MidiTrack([tempo]))
    melodic = iter(channel for channel in range(16) if channel != _DRUM_CHANNEL)
    for role, part in piece.parts.items():
        instrument = INSTRUMENTS[part.instrument]
        channel = _DRUM_CHANNEL if instrument.is_drum else next(melodic)
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=role)])
        track.append(mido.Message("program_change", channel=channel, program=instrument.program))
        now = 0
        for tick, kind, note in _midi_order(part.notes):
            velocity = note.velocity if kind == "note_on" else 0
            track.append(
                mido.Message(
                    kind, channel=channel, note=note.pitch, velocity=velocity, time=tick - now
                )
            )
            now = tick
        file.tracks.append(track)
    file.save(path)
    return path


def _midi_order(notes: tuple[Note, ...]) -> list[tuple[int, str, Note]]:
    """Beginnings and ends by tick; a note ends before the next one on its pitch begins."""
    marks = []
    for note in notes:
        begin = round(note.start * TICKS_PER_BEAT)
        end = begin + max(1, round(note.length * TICKS_PER_BEAT))
        marks += [(begin, "note_on", note), (end, "note_off", note)]
    return sorted(marks, key=lambda mark: (mark[0], mark[1], mark[2]))


def _events(piece: Piece) -> list[_Event]:
    samples_a_beat = 60 / piece.tempo_bpm * RATE_HZ
    events = [
        _Event(round(note.start * samples_a_beat), role, part.instrument, note)
        for role, part in piece.parts.items()
        for note in part.notes
    ]
    return sorted(events, key=lambda event: event.start_sample)


def _add(ahead: Stereo, event: _Event, first: int, piece: Piece, sampler: Sampler) -> Stereo:
    """Add one note at its time; the array grows when the note reaches past its end."""
    import numpy as np

    note, place = event.note, _PLACES[event.role]
    seconds = note.length * 60 / piece.tempo_bpm
    sound = sampler.note(event.instrument, note.pitch, note.velocity, seconds)
    # constant power, relative to the middle
    angle = (place.pan + 1) * np.pi / 4
    sides = np.array([[np.cos(angle)], [np.sin(angle)]], dtype=np.float32) * np.sqrt(2)
    sound = sound * (sides * 10 ** (place.level_db / 20)).astype(np.float32)
    start = event.start_sample - first
    end = start + sound.shape[1]
    if end > ahead.shape[1]:
        ahead = np.pad(ahead, ((0, 0), (0, end - ahead.shape[1])))
    ahead[:2, start:end] += sound
    ahead[2:, start:end] += place.room * sound
    return ahead


def _faded(block: Stereo, first: int, total: int, piece: Piece) -> Stereo:
    """The block with the last chord taken down to silence at the very end."""
    import numpy as np

    ring = (piece.form.beats - piece.form.close_at) * 60 / piece.tempo_bpm
    fade = int(min(_LONGEST_FADE_OUT_S, 0.7 * ring) * RATE_HZ)
    to_go = total - first - np.arange(block.shape[1])
    curve = np.sin(np.pi / 2 * np.clip(to_go / fade, 0, 1)) ** 2
    faded: Stereo = block * curve.astype(np.float32)
    return faded
