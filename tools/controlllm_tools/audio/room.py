"""A small concert room: reverberation by convolution with a made impulse response."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # numpy loads when music is rendered, not when a tool is listed
    from numpy import float32
    from numpy.typing import NDArray

    Stereo = NDArray[float32]

_ROOM_SEED = 1_729
_DELAY_S = 0.018
_FALL_60_DB = 6.9
_BAND_HZ = (220.0, 6_500.0)


class Room:
    """Adds reverberation to a stream of blocks; the tail of one block goes into the next.

    The impulse response is noise that fades exponentially (Moorer 1979), different on either side,
    without low and very high tones, scaled to unit energy.
    """

    def __init__(self, *, rate_hz: int, fade_s: float) -> None:
        import numpy as np
        from scipy.signal import butter, lfilter

        count = int(fade_s * rate_hz)
        noise = np.random.default_rng(_ROOM_SEED).standard_normal((2, count))
        noise *= np.exp(-_FALL_60_DB * np.arange(count) / count)
        band = lfilter(*butter(1, _BAND_HZ, btype="band", fs=rate_hz), noise, axis=1)
        response = np.pad(band, ((0, 0), (int(_DELAY_S * rate_hz), 0)))
        energy = np.sqrt(np.square(response).sum(axis=1, keepdims=True))
        self._response: Stereo = (response / energy).astype(np.float32)
        self._tail: Stereo = np.zeros((2, 0), dtype=np.float32)

    def add(self, block: Stereo) -> Stereo:
        """The room's answer to a block, with what is left of earlier ones; same shape."""
        import numpy as np
        from scipy.signal import oaconvolve

        answer: Stereo = oaconvolve(block, self._response, axes=1).astype(np.float32)
        reach = min(answer.shape[1], self._tail.shape[1])
        answer[:, :reach] += self._tail[:, :reach]
        count = block.shape[1]
        rest = answer[:, count:]
        if self._tail.shape[1] > answer.shape[1]:
            rest = np.concatenate([rest, self._tail[:, answer.shape[1] :]], axis=1)
        self._tail = rest
        return answer[:, :count]
