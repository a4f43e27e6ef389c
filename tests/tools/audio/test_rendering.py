from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import mido
import numpy as np
import pytest

from controlllm_tools.audio.composition import compose
from controlllm_tools.audio.rendering import render, write_midi
from controlllm_tools.audio.sampler import RATE_HZ, Sampler
from controlllm_tools.media.mood import Mood


@pytest.mark.parametrize("seconds", [1.0, 7.77, 16.0, 20.001])
def test_a_piece_has_exactly_its_length_and_ends_in_silence(
    make_mood: Callable[..., Mood], sampler: Sampler, seconds: float
) -> None:
    blocks = list(render(compose(make_mood(), seconds, 0), sampler))
    sound = np.concatenate(blocks, axis=1)
    assert sound.shape == (2, round(seconds * RATE_HZ))
    assert np.abs(sound[:, -20:]).max() < 1e-4 < np.abs(sound[:, : RATE_HZ // 2]).max()


def test_notes_cross_the_borders_of_blocks(
    make_mood: Callable[..., Mood], sampler: Sampler
) -> None:
    blocks = list(render(compose(make_mood(), 20, 0), sampler))
    for before, after in pairwise(blocks):
        jump = np.abs(after[:, 0] - before[:, -1]).max()
        assert jump <= 1.5 * np.abs(np.diff(before[:, -2_000:], axis=1)).max()


def test_the_midi_file_holds_the_notes(make_mood: Callable[..., Mood], tmp_path: Path) -> None:
    piece = compose(make_mood(tempo_bpm=96), 20, 0)
    file = mido.MidiFile(write_midi(piece, tmp_path / "piece.mid"))
    tempo, *tracks = file.tracks
    assert mido.tempo2bpm(tempo[0].tempo) == pytest.approx(96, abs=0.01)
    begun = {track.name: sum(message.type == "note_on" for message in track) for track in tracks}
    assert begun == {role: len(part.notes) for role, part in piece.parts.items()}
    assert file.length == pytest.approx(20, abs=2.0)
