"""Tools stream: ten times the film or the recording takes hardly more memory.

What a tool would hold if it kept everything is several times the bound, so that one that does is
caught: of the film, every frame as RGB; of the recording, every sample as a 32-bit float. A tool
may fill a buffer of fixed size; then an even longer input takes no more.
"""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path

import anyio
import pytest
import toolbox

from benchmarks.measured_calls import Bench, open_bench
from controlllm_tools.card import Port, ToolCard
from controlllm_tools.media import ffmpeg
from controlllm_tools.needs import missing_needs
from controlllm_tools.registry import load_registry
from controlllm_tools.samples import item_of_file, sample
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

MIB = 2**20
BOUND_MIB = 16
LENGTHS = (1, 10, 30)
FILM_S = 2.0
FILM_PX, FILM_FPS = (320, 180), 10
"""Few large frames: what a tool would hold is the same, and it works less."""
SOUND_S = 10.0
CALL_TIMEOUT_S = 120.0
MOST_S = 3.0
"""A slow tool gets a shorter recording; ten times that is expected to end within this time."""
TOO_SLOW = {"speech_to_text", "video_subtitles", "word_timings"}
"""Recognising speech takes minutes for what would tell anything about its memory."""
BUFFERS_MIB = {"reverse_video": 256}
"""Buffers of a fixed size that are larger than all of our film; half an hour shows their end."""

TESTS = Path(__file__).parents[1]
CARDS = load_registry(TESTS.parent / "registry.yaml").cards


def streaming(card: ToolCard) -> bool:
    """Whether a tool takes one film or one recording, acts nowhere else, and is quick enough."""
    required = card.required_inputs
    return (
        len(required) == 1
        and required[0].resource_type.root in {"audio", "video"}
        and card.entry_point is not None
        and card.effects == "none"
        and card.name not in TOO_SLOW
    )


def film(path: Path, seconds: float) -> Path:
    """A moving test picture with a voice."""
    size = "x".join(map(str, FILM_PX))
    pictures = f"testsrc2=size={size}:rate={FILM_FPS}:duration={seconds}"
    voice = recording(path.with_name(f"voice-{path.stem}.flac"), seconds)
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"]
    return made(path, ["-f", "lavfi", "-i", pictures, "-i", str(voice), *codecs])


def recording(path: Path, seconds: float) -> Path:
    """A sentence, spoken again and again: stereo at 44.1 kHz."""
    spoken = sample("audio", ToolContext(scratch=path.parent)).path
    again = ["-stream_loop", "-1", "-i", str(spoken), "-t", str(seconds)]
    return made(path, [*again, "-ac", "2", "-ar", "44100", "-c:a", "flac"])


def made(path: Path, options: list[str]) -> Path:
    command = [ffmpeg.executable(), "-v", "error", *options, str(path)]
    subprocess.run(command, check=True, timeout=60)
    return path


def growths_mib(
    bounds_s: dict[ToolCard, float], media: Path, folder: Path
) -> dict[str, list[float]]:
    """How much more memory each longer call of each tool takes, until one takes no more.

    One worker calls all of them, so that libraries load once.
    """

    async def calls() -> dict[str, list[float]]:
        async with open_bench(folder) as bench:
            return {
                card.name: await _growths(bench, card, shortest_s, media)
                for card, shortest_s in bounds_s.items()
            }

    return anyio.run(calls)


async def _growths(bench: Bench, card: ToolCard, shortest_s: float, media: Path) -> list[float]:
    (port,) = card.required_inputs
    peaks: list[float] = []
    for times in LENGTHS:
        inputs = inputs_of(port, media, shortest_s * times)
        bench.forget()
        call = await bench.call(card, inputs, CALL_TIMEOUT_S)
        assert call.error == "", card.name
        peaks.append(call.peak_bytes / MIB)
        if len(peaks) > 1 and peaks[-1] - peaks[-2] < BOUND_MIB:
            break
    return [after - before for before, after in itertools.pairwise(peaks)]


def shortest_s(card: ToolCard) -> float:
    (port,) = card.required_inputs
    if port.resource_type.root == "video":
        return FILM_S
    slow = MOST_S / card.cost.per_second / LENGTHS[1] if card.cost.per_second else SOUND_S
    return round(min(SOUND_S, slow), 1)


def inputs_of(port: Port, folder: Path, seconds: float) -> Inputs:
    is_film = port.resource_type.root == "video"
    path = folder / f"{seconds:g}.{'mp4' if is_film else 'flac'}"
    if not path.exists():
        (film if is_film else recording)(path, seconds)
    return Inputs({port.name: [item_of_file(path, port.type)]})


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


GROUPS = {
    root: [
        card
        for card in CARDS.values()
        if streaming(card) and card.required_inputs[0].resource_type.root == root
    ]
    for root in ("video", "audio")
}


@pytest.mark.parametrize(("root", "half"), [(root, half) for root in GROUPS for half in (0, 1)])
def test_memory_does_not_follow_the_length(
    root: str, half: int, media: Path, tmp_path: Path
) -> None:
    here = [card for card in GROUPS[root][half::2] if not missing_needs(card.needs)]
    growths = growths_mib({card: shortest_s(card) for card in here}, media, tmp_path)
    leaks = {
        name: growth
        for name, growth in growths.items()
        if growth[-1] >= BOUND_MIB and sum(growth) >= BUFFERS_MIB.get(name, 0)
    }
    assert leaks == {}


class KeepEveryFrame(CpuTool):
    """Holds the whole film, which a tool must not."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        options = ["-f", "rawvideo", "-pix_fmt", "rgb24"]
        source = [ffmpeg.Input(inputs.file("video"))]
        with ffmpeg.raw_stream(source, options, context) as stream:
            return {"out": Output.of_text(str(len(stream.read())))}


class KeepEverySample(CpuTool):
    """Holds the whole recording, which a tool must not."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        options = ["-f", "f32le"]
        source = [ffmpeg.Input(inputs.file("audio"))]
        with ffmpeg.raw_stream(source, options, context) as stream:
            return {"out": Output.of_text(str(len(stream.read())))}


@pytest.mark.parametrize(
    ("tool", "first", "seconds"),
    [("KeepEveryFrame", "find_scenes", FILM_S), ("KeepEverySample", "audio_facts", SOUND_S)],
)
def test_a_tool_that_keeps_everything_is_caught(
    tool: str,
    first: str,
    seconds: float,
    media: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    root = CARDS[first].required_inputs[0].resource_type.root
    port = Port(name=root, type=root)
    card = toolbox.card(tool, inputs=(port,))
    hoarder = ToolCard(**{**card.__dict__, "entry_point": f"tools.test_memory:{tool}"})
    growths = growths_mib({CARDS[first]: seconds, hoarder: seconds}, media, tmp_path)
    assert min(growths[hoarder.name]) > 1.5 * BOUND_MIB
    assert growths[first][-1] < BOUND_MIB
