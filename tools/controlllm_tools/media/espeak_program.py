"""A program of its own that speaks: text on standard input, a WAV file as output.

    python -m controlllm_tools.media.espeak_program VOICE WORDS_A_MINUTE PITCH OUTPUT

eSpeak NG is licensed under the GPL; this process is all that loads it. Nothing of ours is imported
here, and nothing imports this module.
"""

from __future__ import annotations

import ctypes
import sys
import wave
from collections.abc import Callable, Sequence
from typing import Any

EXIT_DONE, EXIT_USAGE, EXIT_NO_VOICE, EXIT_NOTHING_SAID = 0, 2, 3, 4

_SYNCHRONOUS = 2
_UTF8 = 1
_PARAMETER_RATE, _PARAMETER_PITCH = 1, 3
_NOISE_SEED = 1
_BYTES_A_SAMPLE = 2


def main(arguments: Sequence[str]) -> int:
    """Speak what standard input says; returns the exit code."""
    if len(arguments) != 4:
        return EXIT_USAGE
    voice, rate, pitch, output = arguments
    text = sys.stdin.buffer.read().replace(b"\0", b" ")
    library, rate_hz = _open_library()
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        return EXIT_NO_VOICE
    library.espeak_SetParameter(_PARAMETER_RATE, int(rate), 0)
    library.espeak_SetParameter(_PARAMETER_PITCH, int(pitch), 0)
    with wave.open(output, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(_BYTES_A_SAMPLE)
        out.setframerate(rate_hz)
        callback = _callback(out.writeframesraw)
        library.espeak_SetSynthCallback(callback)
        library.espeak_Synth(text + b"\0", len(text) + 1, 0, 0, 0, _UTF8, None, None)
        library.espeak_Synchronize()
        samples = out.tell()
    return EXIT_DONE if samples else EXIT_NOTHING_SAID


def _open_library() -> tuple[Any, int]:
    """The library, and the sample rate it speaks with."""
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    folder = espeakng_loader.get_data_path().encode()
    rate_hz = library.espeak_Initialize(_SYNCHRONOUS, 0, folder, 0)
    # breath is noise, and starts from the clock unless it is told otherwise
    library.espeak_ng_SetRandSeed(ctypes.c_long(_NOISE_SEED))
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint,
        ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
    ]  # fmt: skip
    return library, rate_hz


def _callback(write: Callable[[bytes], None]) -> Any:  # noqa: ANN401 - ctypes makes the class
    """What the library calls with each stretch of sound."""

    def receive(samples: Any, count: int, _events: Any) -> int:  # noqa: ANN401 - C pointers
        if samples and count:
            write(ctypes.string_at(samples, count * _BYTES_A_SAMPLE))
        return 0

    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
    return kind(receive)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
