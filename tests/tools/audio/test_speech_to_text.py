from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.mood import Mood
from controlllm_tools.media.subtitles import read_subtitles
from controlllm_tools.perform import Product
from controlllm_tools.samples.sounds import tone

Perform = Callable[..., tuple[Product, ...]]
FOX = "the quick brown fox jumps over the lazy dog"
SEA = "the sun rises over the water and the boats go out to sea"


def errors_in(heard: str, said: str) -> int:
    """Edit distance in words."""
    row = list(range(len(said.split()) + 1))
    for i, word in enumerate(heard.lower().split(), start=1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(said.split(), start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1]


def spoken(perform: Perform, text: str) -> Path:
    path = perform("text_to_speech", text=text)[0].path
    assert path is not None
    return path


def test_most_words_of_a_clear_voice_are_written_down(perform: Perform) -> None:
    wrong = 0
    for sentence in (FOX, SEA):
        transcript, _ = perform("speech_to_text", audio=spoken(perform, sentence))
        wrong += errors_in(transcript.text or "", sentence)
    assert wrong <= 0.3 * len(f"{FOX} {SEA}".split())


def test_stretches_apart_are_lines_and_cues_at_their_times(
    perform: Perform, tmp_path: Path
) -> None:
    voice, rate_hz = soundfile.read(spoken(perform, FOX))
    pause = np.zeros(4 * rate_hz)
    soundfile.write(tmp_path / "two.wav", np.concatenate([pause, voice, pause, voice]), rate_hz)
    transcript, subtitles = perform("speech_to_text", audio=tmp_path / "two.wav")
    assert len((transcript.text or "").splitlines()) == 2
    cues = read_subtitles(subtitles.text or "")
    length_s = len(voice) / rate_hz
    assert cues[0].start_s == pytest.approx(4.0, abs=0.4)
    second = next(cue for cue in cues if cue.start_s > 6)
    assert second.start_s == pytest.approx(8 + length_s, abs=0.4)
    assert cues[-1].end_s <= 8 + 2 * length_s + 1.1


@pytest.mark.parametrize("hz", [220.0, 3_000.0])
def test_a_tone_is_no_speech(perform: Perform, tmp_path: Path, hz: float) -> None:
    with pytest.raises(InvalidInput, match=r"no speech was found in tone\.wav"):
        perform("speech_to_text", audio=tone(tmp_path / "tone.wav", 4.0, hz))


def test_silence_is_no_speech(perform: Perform, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "nothing.wav", np.zeros(32_000), 16_000)
    with pytest.raises(InvalidInput, match="no speech was found"):
        perform("speech_to_text", audio=tmp_path / "nothing.wav")


def test_music_is_no_speech(perform: Perform, make_mood: Callable[..., Mood]) -> None:
    music = perform("compose_music", mood=make_mood().to_json(), seconds=9)[0].path
    with pytest.raises(InvalidInput, match="no speech was found"):
        perform("speech_to_text", audio=music)


def test_the_same_recording_gives_the_same_words(perform: Perform) -> None:
    voice = spoken(perform, FOX)
    first = perform("speech_to_text", audio=voice)
    perform("speech_to_text", audio=spoken(perform, SEA))
    again = perform("speech_to_text", audio=voice)
    assert [product.text for product in first] == [product.text for product in again]
