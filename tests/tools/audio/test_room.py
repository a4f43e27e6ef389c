import numpy as np

from controlllm_tools.audio.room import Room


def test_blocks_make_the_same_room_as_the_whole() -> None:
    sound = np.random.default_rng(2).standard_normal((2, 4_000)).astype(np.float32)
    whole = Room(rate_hz=16_000, fade_s=0.15).add(sound)
    room = Room(rate_hz=16_000, fade_s=0.15)
    blocks = [room.add(sound[:, start : start + 500]) for start in range(0, 4_000, 500)]
    assert np.allclose(np.concatenate(blocks, axis=1), whole, atol=1e-3)


def test_the_room_answers_after_a_moment_and_fades() -> None:
    click = np.zeros((2, 8_000), dtype=np.float32)
    click[:, 0] = 1
    answer = np.abs(Room(rate_hz=16_000, fade_s=0.25).add(click))
    assert answer[:, :250].max() < 1e-6
    early, late = answer[:, 300:1_300].mean(), answer[:, 3_000:4_000].mean()
    assert early > 30 * late > 0
    assert answer[:, 4_500:].max() < 1e-4


def test_both_sides_differ() -> None:
    click = np.zeros((2, 4_000), dtype=np.float32)
    click[:, 0] = 1
    left, right = Room(rate_hz=16_000, fade_s=0.15).add(click)
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.2
