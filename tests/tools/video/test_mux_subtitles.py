from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product

Frame = NDArray[np.uint8]
Perform = Callable[..., tuple[Product, ...]]
SRT = """\
1
00:00:00,500 --> 00:00:01,200
Grüße aus dem Hafen

2
00:00:01,400 --> 00:00:09,000
two lines
here

3
00:00:07,000 --> 00:00:09,000
too late
"""


@pytest.fixture
def video(film: Callable[..., Path], texture: Frame) -> Path:
    return film("film", [texture] * 30, hz=400)


def test_the_track_holds_the_words_at_their_times(video: Path, perform: Perform) -> None:
    (product,) = perform("mux_subtitles", video=video, subtitles=SRT, language="german")
    with av.open(str(product.path)) as container:
        (track,) = container.streams.subtitles
        assert track.language == "deu"
        packets = [packet for packet in container.demux(track) if packet.size > 2]
        found = [
            (
                round(float(packet.pts * packet.time_base), 2),
                round(float(packet.duration * packet.time_base), 2),
                bytes(packet)[2:].decode(),
            )
            for packet in packets
        ]
    assert found == [(0.5, 0.7, "Grüße aus dem Hafen"), (1.4, 1.6, "two lines\nhere")]


def test_pictures_and_sound_are_copied(video: Path, perform: Perform) -> None:
    (product,) = perform("mux_subtitles", video=video, subtitles=SRT)

    def packets(path: Path | None) -> list[bytes]:
        with av.open(str(path)) as container:
            kept = [s for s in container.streams if s.type in {"audio", "video"}]
            return sorted(bytes(packet) for packet in container.demux(kept))

    assert packets(product.path) == packets(video)
    assert product.facts.duration_s == pytest.approx(3, abs=0.1)


def test_subtitles_that_come_after_the_end_are_refused(video: Path, perform: Perform) -> None:
    late = "1\n00:01:00,000 --> 00:01:02,000\nlate\n"
    with pytest.raises(InvalidInput, match="after the end of the video"):
        perform("mux_subtitles", video=video, subtitles=late)
