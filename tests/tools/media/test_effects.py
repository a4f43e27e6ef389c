"""Filters change sound and nothing else does."""

import numpy as np
import pytest
import soundfile
from hearing import RATE_HZ, Ear, sine

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.effects import (
    LIMITER,
    common_format,
    filter_sound,
    length_of,
)
from controlllm_tools.media.sound import sound_blocks
from controlllm_tools.samples.pictures import photo
from controlllm_tools.tool import ToolContext


@pytest.fixture
def ear(context: ToolContext) -> Ear:
    return Ear(context.scratch)


def test_without_filters_every_sample_stays(ear: Ear, context: ToolContext) -> None:
    sides = np.random.default_rng(1).uniform(-0.99, 0.99, (5_003, 2))
    source = ear.write("a.wav", sides, 22_050)
    target = filter_sound(source, (), ear.folder / "b.flac", context)
    heard, rate_hz = soundfile.read(target)
    assert rate_hz == 22_050
    assert np.abs(heard - soundfile.read(source)[0]).max() == 0


def test_the_limiter_leaves_what_is_below_it_alone(ear: Ear, context: ToolContext) -> None:
    source = ear.write("a.wav", sine(0.5, level=0.9))
    heard, _ = soundfile.read(filter_sound(source, [LIMITER], ear.folder / "b.flac", context))
    assert np.abs(heard - soundfile.read(source)[0]).max() < 1e-4


def test_a_first_frame_of_few_samples_is_written(ear: Ear, context: ToolContext) -> None:
    """The encoder takes that size for all frames, and refuses fewer than sixteen."""
    source = ear.write("a.wav", sine(0.5))
    few = "atrim=start_sample=4092,asetpts=PTS-STARTPTS"
    heard, _ = soundfile.read(filter_sound(source, [few], ear.folder / "b.flac", context))
    assert len(heard) == RATE_HZ // 2 - 4_092


def test_one_format_keeps_the_level_of_one_channel_and_of_six(
    ear: Ear, context: ToolContext
) -> None:
    one = ear.write("one.wav", sine(0.2, level=0.9), 22_050)
    six = ear.write("six.wav", np.stack([sine(0.2, level=0.9)] * 6, axis=1))
    rate_hz, forms = common_format((one, six))
    assert rate_hz == 44_100
    for path, form in zip((one, six), forms, strict=True):
        heard, found_hz = soundfile.read(filter_sound(path, [form], ear.folder / "b.flac", context))
        assert (found_hz, heard.shape[1]) == (44_100, 2)
        assert np.abs(heard).max() == pytest.approx(0.9, abs=0.02)


def test_blocks_together_are_the_whole_sound(ear: Ear, context: ToolContext) -> None:
    sides = np.stack([sine(1.03, 300), sine(1.03, 500)], axis=1)
    path = ear.write("a.wav", sides)
    blocks = list(sound_blocks(path, context, rate_hz=RATE_HZ, channels=2, block_s=0.25))
    assert [block.shape[1] for block in blocks[:4]] == [11_025] * 4
    assert np.abs(np.concatenate(blocks, axis=1).T - sides).max() < 1e-4
    (mono,) = sound_blocks(path, context, rate_hz=RATE_HZ)
    assert np.abs(mono[0] - sides.mean(axis=1)).max() < 1e-4


def test_a_picture_has_no_length_of_sound(ear: Ear) -> None:
    photo(ear.folder / "photo.png")
    with pytest.raises(InvalidInput, match=r"photo\.png has no sound"):
        length_of(ear.folder / "photo.png")
