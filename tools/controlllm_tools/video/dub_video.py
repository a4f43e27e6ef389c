"""Put music, speech or any sound under a video, or in the place of its own sound."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.mastering import EVEN_FRAMES, Level, master, true_peak_dbtp
from controlllm_tools.media.movies import video_facts
from controlllm_tools.media.progress import stage
from controlllm_tools.media.sound import loudness_lufs, sound_facts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.streams import picture_options

_RATE_HZ = 48_000
_LOUDNESS_LUFS, _CEILING_DBTP = -16.0, -1.0
_CODING_DB, _CLOSE_ENOUGH_LU, _ATTEMPTS = 0.5, 0.5, 4
_WORK_LUFS = -26.0
"""Level of both tracks while they are mixed; it leaves room for the peaks of speech."""

_FLAC_24 = ("-c:a", "flac", "-sample_fmt", "s32", "-bits_per_raw_sample", "24")
_FORMAT = f"aresample={_RATE_HZ},aformat=sample_fmts=flt:channel_layouts=stereo"
"""One channel becomes two, 3 dB lower each: as loud as it was, which is what levels go by here."""
_DUCK = "sidechaincompress=threshold=0.02:ratio=4:attack=25:release=500:knee=6"
_SEAM_S = 1.0
_SPARE_S = 2
_NEARLY_S = 0.25
_MOST_GAIN_DB = 24.0
_HEARD_FROM_LUFS = -50.0
"""Below this a video's own sound is hiss, which is not worth raising."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """One call, checked.

    Attributes:
        video: The video.
        audio: The new track.
        seconds: Length of the video.
        mix: Whether the video's own sound is kept.
        voice_over: Whether the new track is speech, to be heard above the video's own sound.
        gain_db: Level of the quieter track against the one in front.
        fade_s: Length of the fades.
    """

    video: Path
    audio: Path
    seconds: float
    mix: bool
    voice_over: bool
    gain_db: float
    fade_s: float


class DubVideo(CpuTool):
    """A new sound track for a video, at the loudness of streaming services."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Fit the track to the length, mix, set the level, and put it to the pictures.

        Returns:
            `video`: MP4 of the same length with AAC sound at -16 LUFS; the pictures are copied
            when they are H.264 in an MP4, else encoded again.

        Raises:
            InvalidInput: The video has no pictures, or the new track no sound or only silence.
        """
        job = _job(inputs, context)
        track = _track(job, stage(context, 0.0, 0.2))
        if math.isinf(loudness_lufs(track, context)):
            msg = f"{inputs.one('audio').resource.name} is silent; give a track with sound"
            raise InvalidInput(msg)
        if job.mix:
            track = _mixed(job, track, stage(context, 0.2, 0.4))
        sound = _encoded(track, stage(context, 0.4, 0.8))
        target = ffmpeg.convert(
            [ffmpeg.Input(job.video), ffmpeg.Input(sound)],
            ["-map", "0:v:0", "-map", "1:a:0", *picture_options(job.video), "-c:a", "copy",
             "-t", f"{job.seconds:.3f}", *ffmpeg.MP4],
            context.scratch / "dubbed.mp4", stage(context, 0.8, 1.0), duration_s=job.seconds,
        )  # fmt: skip
        how = "mixed with its own sound" if job.mix else "as its only sound"
        over_s = (sound_facts(job.audio).duration_s or 0.0) - job.seconds
        left = f"; the last {over_s:.1f} s of it are left out" if over_s > _NEARLY_S else ""
        caption = f"video with {inputs.one('audio').resource.type} {how}{left}, {job.seconds:.1f} s"
        return {"video": Output.of_file(target, name="dubbed.mp4", caption=caption)}


def _job(inputs: Inputs, context: ToolContext) -> _Job:
    """Read the ports, and choose what was left open."""
    video, audio = inputs.file("video"), inputs.file("audio")
    facts = video_facts(video)
    seconds = facts.duration_s or 0.0
    heard = bool(facts.channels) and loudness_lufs(video, context) > _HEARD_FROM_LUFS
    mode = inputs.text("mode", "mix" if heard else "replace")
    return _Job(
        video=video,
        audio=audio,
        seconds=seconds,
        mix=mode == "mix" and heard,
        voice_over=inputs.one("audio").resource.type == "audio.speech",
        gain_db=max(-_MOST_GAIN_DB, min(_MOST_GAIN_DB, inputs.number("gain_db", -10.0))),
        fade_s=max(0.0, min(seconds / 4, inputs.number("fade_s", 1.0))),
    )


def _encoded(track: Path, context: ToolContext) -> Path:
    """The track as AAC at the wanted level; what coding does to it is measured and undone."""
    loud, coded = context.scratch / "sound.flac", context.scratch / "sound.m4a"
    aim = Level(lufs=_LOUDNESS_LUFS, peak_dbtp=_CEILING_DBTP - _CODING_DB)
    for attempt in range(_ATTEMPTS):
        part = stage(context, 1 - 0.5**attempt, 1 - 0.5 ** (attempt + 1))
        master(track, loud, aim, part, encoding=_FLAC_24)
        ffmpeg.convert([ffmpeg.Input(loud)], [*ffmpeg.AAC, *ffmpeg.MP4], coded, part)
        over_db = max(0.0, true_peak_dbtp(coded, context) - _CEILING_DBTP)
        missing = _LOUDNESS_LUFS - loudness_lufs(coded, context)
        if not over_db and abs(missing) <= _CLOSE_ENOUGH_LU:
            break
        lower = over_db + _CODING_DB if over_db else 0.0
        aim = Level(lufs=aim.lufs + missing, peak_dbtp=aim.peak_dbtp - lower)
    return coded


def _track(job: _Job, context: ToolContext) -> Path:
    """The new track at the video's length: music goes round, speech is said once."""
    length = sound_facts(job.audio).duration_s or 0.0
    source = ffmpeg.Input(job.audio)
    if not job.voice_over and 0 < length < job.seconds - _NEARLY_S:
        source = ffmpeg.Input(_loop(job.audio, length, context), ("-stream_loop", "-1"))
    fade_out = max(0.0, job.seconds - job.fade_s)
    chain = [_FORMAT]
    if job.fade_s and not job.voice_over:
        chain += [
            f"afade=t=in:d={job.fade_s:.3f}",
            f"afade=t=out:st={fade_out:.3f}:d={job.fade_s:.3f}",
        ]
    samples = round(job.seconds * _RATE_HZ)
    chain += [f"apad=whole_len={samples}", f"atrim=end_sample={samples}", EVEN_FRAMES]
    return ffmpeg.convert(
        [source],
        ["-vn", "-af", ",".join(chain), "-t", f"{job.seconds:.3f}", *_FLAC_24],
        context.scratch / "track.flac", context, duration_s=job.seconds,
    )  # fmt: skip


def _loop(audio: Path, length_s: float, context: ToolContext) -> Path:
    """A piece of sound whose end flows into its beginning.

    The last second is faded over into the first one, and the result starts where that ends.
    """
    seam = min(_SEAM_S, length_s / 4)
    graph = (
        f"[0:a]{_FORMAT},asplit=3[a][b][c];"
        f"[a]atrim=start={seam:.4f}:end={length_s - seam:.4f},asetpts=PTS-STARTPTS[body];"
        f"[b]atrim=start={length_s - seam:.4f},asetpts=PTS-STARTPTS[tail];"
        f"[c]atrim=end={seam:.4f},asetpts=PTS-STARTPTS[head];"
        f"[tail][head]acrossfade=d={seam * 0.98:.4f}:c1=qsin:c2=qsin[seam];"
        f"[body][seam]concat=n=2:v=0:a=1,{EVEN_FRAMES}[out]"
    )
    return ffmpeg.convert(
        [ffmpeg.Input(audio)], ["-filter_complex", graph, "-map", "[out]", *_FLAC_24],
        context.scratch / "loop.flac", context,
    )  # fmt: skip


def _mixed(job: _Job, track: Path, context: ToolContext) -> Path:
    """Both sounds together; the one behind gives way while the one in front is heard."""
    own_db = _WORK_LUFS - loudness_lufs(job.video, context)
    new_db = _WORK_LUFS - max(-70.0, loudness_lufs(track, context))
    own_db, new_db = min(own_db, _MOST_GAIN_DB), min(new_db, _MOST_GAIN_DB)
    if job.voice_over:
        own_db += job.gain_db
        front, behind = "new", "own"
    else:
        new_db += job.gain_db
        front, behind = "own", "new"
    samples = round(job.seconds * _RATE_HZ)
    # filters of two inputs treat their last frames as these happen to come in; so the end lies in
    # what is cut off
    fit = f"apad=whole_len={samples + _SPARE_S * _RATE_HZ}"
    graph = (
        f"[0:a:0]{_FORMAT},volume={own_db:.3f}dB,{fit}[own];"
        f"[1:a:0]{_FORMAT},volume={new_db:.3f}dB,{fit}[new];"
        f"[{front}]asplit[heard][key];"
        f"[{behind}][key]{_DUCK}[under];"
        f"[heard][under]amix=inputs=2:duration=longest:normalize=0,"
        f"atrim=end_sample={samples},{EVEN_FRAMES}[out]"
    )
    return ffmpeg.convert(
        [ffmpeg.Input(job.video), ffmpeg.Input(track)],
        ["-filter_complex", graph, "-map", "[out]", *_FLAC_24],
        context.scratch / "mix.flac", context, duration_s=job.seconds,
    )  # fmt: skip
