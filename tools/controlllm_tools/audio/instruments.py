"""The instruments: General MIDI programs, their ranges and how they sit in a mix."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One instrument.

    Attributes:
        program: General MIDI program, from 0; of no meaning for drums.
        lowest: Lowest pitch it plays here, as a MIDI number.
        highest: Highest pitch it plays here.
        release_s: Time in which a released note falls by 60 dB.
        rings: Whether a struck or plucked note goes on after its written length.
        is_drum: Whether pitches name drums.
    """

    program: int
    lowest: int
    highest: int
    release_s: float = 0.5
    rings: bool = False
    is_drum: bool = False


INSTRUMENTS: dict[str, Instrument] = {
    "piano": Instrument(program=0, lowest=48, highest=91, release_s=0.7),
    "electric piano": Instrument(program=4, lowest=48, highest=84, release_s=0.8),
    "celesta": Instrument(program=8, lowest=60, highest=96, release_s=1.2, rings=True),
    "music box": Instrument(program=10, lowest=60, highest=96, release_s=1.2, rings=True),
    "vibraphone": Instrument(program=11, lowest=55, highest=88, release_s=1.6, rings=True),
    "marimba": Instrument(program=12, lowest=48, highest=84, release_s=0.8, rings=True),
    "organ": Instrument(program=19, lowest=48, highest=76, release_s=0.5),
    "guitar": Instrument(program=24, lowest=45, highest=76, release_s=0.9, rings=True),
    "electric bass": Instrument(program=33, lowest=33, highest=52, release_s=0.25),
    "violin": Instrument(program=40, lowest=57, highest=91, release_s=0.4),
    "cello": Instrument(program=42, lowest=36, highest=55, release_s=0.5),
    "double bass": Instrument(program=32, lowest=33, highest=52, release_s=0.5),
    "harp": Instrument(program=46, lowest=45, highest=88, release_s=1.6, rings=True),
    "strings": Instrument(program=48, lowest=48, highest=79, release_s=0.9),
    "choir": Instrument(program=52, lowest=50, highest=77, release_s=0.9),
    "trumpet": Instrument(program=56, lowest=55, highest=82, release_s=0.3),
    "horns": Instrument(program=60, lowest=46, highest=72, release_s=0.6),
    "oboe": Instrument(program=68, lowest=59, highest=86, release_s=0.3),
    "clarinet": Instrument(program=71, lowest=53, highest=86, release_s=0.3),
    "flute": Instrument(program=73, lowest=60, highest=93, release_s=0.35),
    "warm pad": Instrument(program=89, lowest=48, highest=76, release_s=1.4),
    "drums": Instrument(program=0, lowest=35, highest=81, release_s=0.6, rings=True, is_drum=True),
}
