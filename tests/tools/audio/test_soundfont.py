from pathlib import Path

import pytest

from controlllm_tools.audio.sampler import sound_font
from controlllm_tools.audio.soundfont import SoundFont
from controlllm_tools.errors import ToolUnavailable


@pytest.fixture(scope="module")
def font() -> SoundFont:
    return SoundFont(sound_font())


def test_every_program_plays_a_middle_c(font: SoundFont) -> None:
    for program in range(128):
        assert font.zones(program, 60, 90, is_drum=False), program


def test_zones_point_into_the_samples_with_their_loops_inside(font: SoundFont) -> None:
    for program in range(0, 128, 5):
        for key in (40, 60, 80):
            for zone in font.zones(program, key, 90, is_drum=False):
                assert 0 <= zone.start < zone.end <= len(font.samples)
                assert zone.step > 0
                assert zone.loop is None or zone.start <= zone.loop[0] < zone.loop[1] <= zone.end


def test_an_octave_doubles_the_step_of_a_sample(font: SoundFont) -> None:
    low, high = (font.zones(48, key, 90, is_drum=False)[0] for key in (60, 61))
    if (low.start, low.end) == (high.start, high.end):
        assert high.step / low.step == pytest.approx(2 ** (1 / 12), rel=1e-6)
    else:
        pytest.fail("the strings of this font no longer share a sample around middle C")


def test_drums_have_their_own_bank(font: SoundFont) -> None:
    kick, snare = font.zones(0, 36, 90, is_drum=True), font.zones(0, 38, 90, is_drum=True)
    assert kick
    assert snare
    assert kick[0].start != snare[0].start


def test_a_program_that_is_not_there_has_no_zones(font: SoundFont) -> None:
    assert font.zones(5_000, 60, 90, is_drum=False) == ()


def test_another_file_is_no_sound_font(tmp_path: Path) -> None:
    other = tmp_path / "other.sf2"
    other.write_bytes(b"RIFF\x04\x00\x00\x00WAVEfmt ")
    with pytest.raises(ToolUnavailable, match=r"other\.sf2 is not a sound font"):
        SoundFont(other)
