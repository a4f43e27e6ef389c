from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.subtitles import read_subtitles
from controlllm_tools.perform import Product
from controlllm_tools.samples.values import SPOKEN_WORDS

Frame = NDArray[np.uint8]
Perform = Callable[..., tuple[Product, ...]]


def test_words_become_cues_at_their_times(perform: Perform) -> None:
    (product,) = perform("subtitles_from_words", words=SPOKEN_WORDS)
    first, second = read_subtitles(product.text or "")
    assert first.text == "Good morning from the harbour"
    assert (first.start_s, first.end_s) == (0.2, 1.4)
    assert second.text == "The first boats are leaving now"
    assert (second.start_s, second.end_s) == (2.2, 3.8)


def test_lines_are_as_short_as_asked(perform: Perform) -> None:
    (product,) = perform("subtitles_from_words", words=SPOKEN_WORDS, line_characters=16, lines=1)
    cues = read_subtitles(product.text or "")
    assert [cue.text for cue in cues] == [
        "Good morning", "from the harbour", "The first boats", "are leaving now",
    ]  # fmt: skip


def test_no_word_makes_no_subtitle(perform: Perform) -> None:
    with pytest.raises(InvalidInput, match="hold no word"):
        perform("subtitles_from_words", words={"spans": []})


def test_what_is_said_in_a_video_is_written_down_at_its_time(
    film: Callable[..., Path], texture: Frame, perform: Perform
) -> None:
    pytest.importorskip("espeakng_loader")
    pytest.importorskip("pocketsphinx")
    sentence = "the quick brown fox jumps over the lazy dog"
    spoken = perform("text_to_speech", text=sentence)
    video = film("talk", [texture] * 45, sound=spoken[0].path)
    (product,) = perform("video_subtitles", video=video)
    cues = read_subtitles(product.text or "")
    words = " ".join(cue.text for cue in cues).lower().split()
    assert len(set(sentence.split()) & set(words)) >= 5
    assert 0 <= cues[0].start_s < 1
    assert cues[-1].end_s < 5


def test_a_video_without_sound_is_refused(
    film: Callable[..., Path], texture: Frame, perform: Perform
) -> None:
    pytest.importorskip("pocketsphinx")
    with pytest.raises(InvalidInput, match="has no sound"):
        perform("video_subtitles", video=film("mute", [texture] * 5))
