"""Put a separately recorded sound to a video, in time with the video's own sound."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.movies import video_facts
from controlllm_tools.media.progress import stage
from controlllm_tools.media.sound import sound_facts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.alignment import align
from controlllm_tools.video.streams import picture_options

_RATE_HZ = 48_000
_LEAST_LIKENESS = 0.25


class SynchroniseAudio(CpuTool):
    """The better recording in the place of the camera's, shifted by what was measured."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Measure the offset by cross-correlation, and exchange the sound.

        Returns:
            `video`: MP4 with the recording as its sound, silent where the recording does not
            reach. `offset`: seconds of the video at which the recording starts.

        Raises:
            InvalidInput: A file has no sound, or the two recordings are not of the same event.
        """
        path, audio = inputs.file("video"), inputs.file("audio")
        seconds = video_facts(path).duration_s or 0.0
        sound_facts(path)
        context.progress(0.0, "comparing the sounds")
        found = align(path, audio, stage(context, 0.0, 0.5))
        if found.likeness < _LEAST_LIKENESS:
            msg = (
                f"{audio.name} does not sound like the video anywhere (likeness "
                f"{found.likeness:.2f}); give a recording of the same event, or replace the sound "
                "without synchronising"
            )
            raise InvalidInput(msg)
        shift = round(found.offset_s * _RATE_HZ)
        move = f"adelay={shift}S:all=1" if shift >= 0 else f"atrim=start_sample={-shift}"
        target = ffmpeg.convert(
            [ffmpeg.Input(path), ffmpeg.Input(audio)],
            ["-map", "0:v:0", "-map", "1:a:0", *picture_options(path),
             "-af", f"aresample={_RATE_HZ},{move},asetpts=N/SR/TB,apad,atrim=end={seconds:.4f}",
             *ffmpeg.AAC, "-t", f"{seconds:.4f}", *ffmpeg.MP4],
            context.scratch / "synchronised.mp4", stage(context, 0.5, 1.0), duration_s=seconds,
        )  # fmt: skip
        said = (
            f"the recording starts {abs(found.offset_s):.3f} s "
            f"{'after' if found.offset_s >= 0 else 'before'} the video, "
            f"likeness {found.likeness:.2f} over {found.overlap_s:.1f} s"
        )
        return {
            "video": Output.of_file(target, caption=said),
            "offset": Output.of_json(round(found.offset_s, 4), caption=said),
        }
