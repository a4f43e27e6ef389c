"""Save a recording in another file format."""

from __future__ import annotations

from dataclasses import dataclass

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.effects import length_of
from controlllm_tools.media.ranges import Range
from controlllm_tools.media.sniff import sniff
from controlllm_tools.media.sound import sound_facts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext


@dataclass(frozen=True, slots=True, kw_only=True)
class _Format:
    """How a format is written.

    Attributes:
        codec: ffmpeg options.
        suffix: Of the file.
        is_lossy: Whether a bit rate means anything.
        rates_hz: Sample rates it can hold; empty for any.
        channels: Most channels.
    """

    codec: tuple[str, ...]
    suffix: str
    is_lossy: bool = True
    rates_hz: tuple[int, ...] = ()
    channels: int = 2


_MPEG_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_FORMATS = {
    "mp3": _Format(codec=("-c:a", "libmp3lame"), suffix="mp3", rates_hz=_MPEG_RATES),
    "wav": _Format(codec=("-c:a", "pcm_s16le", "-rf64", "auto"), suffix="wav", is_lossy=False,
                   channels=8),
    "flac": _Format(codec=("-c:a", "flac", "-sample_fmt", "s16"), suffix="flac", is_lossy=False,
                    channels=8),
    "ogg": _Format(codec=("-c:a", "libvorbis"), suffix="ogg",
                   rates_hz=(8_000, 16_000, 22_050, 32_000, 44_100, 48_000)),
    "opus": _Format(codec=("-c:a", "libopus"), suffix="opus",
                    rates_hz=(8_000, 12_000, 16_000, 24_000, 48_000)),
    "m4a": _Format(codec=("-c:a", "aac", "-movflags", "+faststart", "-f", "ipod"), suffix="m4a",
                   rates_hz=_MPEG_RATES),
}  # fmt: skip
_USUAL_KBPS = {1: 96.0, 2: 192.0}
_MOST_KBPS_A_CHANNEL = {"ogg": 160, "m4a": 160, "opus": 255}
_LEAST_RATE_HZ, _MOST_RATE_HZ = 4_000, 192_000


class ConvertAudio(CpuTool):
    """MP3, WAV, FLAC, Ogg Vorbis, Opus and M4A."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Encode.

        Returns:
            `audio`: The same sound in the asked format.

        Raises:
            InvalidInput: The bit rate or sample rate is out of range.
        """
        path = inputs.file("audio")
        seconds = length_of(path)
        facts = sound_facts(path)
        name = inputs.text("format", "wav" if sniff(path).mime == "audio/mpeg" else "mp3")
        form = _FORMATS[name]
        channels = min(form.channels, facts.channels or 1)
        rate_hz = _rate(form, inputs.number("sample_rate_hz", facts.sample_rate_hz or 44_100))
        options = ["-map", "0:a:0", "-vn", "-ac", str(channels), "-ar", str(rate_hz), *form.codec]
        if form.is_lossy:
            options += ["-b:a", f"{_kbps(inputs, name, channels, rate_hz)}k"]
        target = ffmpeg.convert(
            [ffmpeg.Input(path)], options, context.scratch / f"sound.{form.suffix}", context,
            duration_s=seconds,
        )  # fmt: skip
        size = target.stat().st_size / 1e6
        caption = f"{name.upper()}, {rate_hz} Hz, {seconds:.1f} s, {size:.2f} MB"
        return {"audio": Output.of_file(target, caption=caption)}


def _rate(form: _Format, asked: float) -> int:
    """The asked sample rate, or the nearest one that the format can hold."""
    rate_hz = round(Range(_LEAST_RATE_HZ, _MOST_RATE_HZ).check("sample_rate_hz", asked))
    if not form.rates_hz or rate_hz in form.rates_hz:
        return rate_hz
    above = [each for each in form.rates_hz if each >= rate_hz]
    return min(above, default=max(form.rates_hz))


def _kbps(inputs: Inputs, name: str, channels: int, rate_hz: int) -> int:
    """Kilobits a second, no more than the encoder takes at that rate.

    Raises:
        InvalidInput: The asked bit rate is out of range.
    """
    asked = inputs.number("bitrate_kbps", _USUAL_KBPS[channels])
    if not 8 <= asked <= 512:
        msg = f"bitrate_kbps must lie between 8 and 512, got {asked:g}; 192 is usual for stereo"
        raise InvalidInput(msg)
    most = channels * _MOST_KBPS_A_CHANNEL.get(name, 320)
    # encoders refuse more bits than a low sample rate can hold
    by_rate = channels * rate_hz * 3 // 1_000 if name in {"ogg", "m4a"} else most
    return round(min(asked, most, by_rate, 320 if name == "mp3" else 512))
