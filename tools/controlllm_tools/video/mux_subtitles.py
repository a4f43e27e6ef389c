"""Put subtitles into a video file as a track that can be switched on and off."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.movies import video_facts
from controlllm_tools.media.subtitles import Cue, read_subtitles, to_srt
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.streams import picture_options, sound_options

_CODES = {
    "unknown": "und", "english": "eng", "german": "deu", "french": "fra", "spanish": "spa",
    "italian": "ita", "portuguese": "por", "dutch": "nld",
}  # fmt: skip


class MuxSubtitles(CpuTool):
    """A text track beside pictures and sound; nothing is drawn."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Add the track.

        Returns:
            `video`: MP4 whose text track is shown unless the viewer switches it off.

        Raises:
            InvalidInput: The subtitles cannot be read, none is due while the video lasts, or the
                file is no video.
        """
        path = inputs.file("video")
        seconds = video_facts(path).duration_s or 0.0
        cues = [
            Cue(cue.start_s, min(cue.end_s, seconds), cue.text)
            for cue in read_subtitles(inputs.text("subtitles"))
            if cue.start_s < seconds
        ]
        if not cues:
            msg = f"every cue of the subtitles comes after the end of the video, {seconds:.1f} s"
            raise InvalidInput(msg)
        # our own file of cues that were read and written anew; its kind needs no guessing
        script = context.scratch / "track.srt"
        script.write_text(to_srt(cues), encoding="utf-8")
        target = ffmpeg.convert(
            [ffmpeg.Input(path)],
            ["-protocol_whitelist", "file", "-f", "srt", "-i", f"file:{script.resolve()}",
             "-map", "0:v:0", "-map", "0:a:0?", "-map", "1:s:0",
             *picture_options(path), *sound_options(path), "-c:s", "mov_text",
             "-metadata:s:s:0", f"language={_CODES[inputs.text('language', 'unknown')]}",
             "-disposition:s:0", "default", *ffmpeg.MP4],
            context.scratch / "with-subtitles.mp4", context, duration_s=seconds,
        )  # fmt: skip
        caption = f"video with {len(cues)} subtitles that can be switched off, {seconds:.1f} s"
        return {"video": Output.of_file(target, caption=caption)}
