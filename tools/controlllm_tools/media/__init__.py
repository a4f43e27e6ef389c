"""Read, measure and write media safely: header first, every size capped, programs by argument list.

    limits       what is too large to touch
    sniff        what a file holds, by its first bytes
    probe        measured facts of a file, or a clear refusal
    mp4_boxes    the structure of MP4 files, as far as probing needs it
    images       pictures as RGB arrays
    boxes        rectangles on a picture
    recogniser   printed text on a picture
    sound        sound as float arrays
    mastering    the loudness and the peaks of a sound
    movies       frames of a video, streamed
    web_video    a video as browsers play it, and a poster of it
    subtitles    timed text
    video_facts  what was measured of a video, as one tool tells it to another
    mood         a mood as numbers that music can be made from
    typed_json   such values, checked on the way in
    ffmpeg       the one place that starts ffmpeg
    progress     the progress of a call that has stages
    fonts        a font that is always there
    folders      a folder as one resource

A tool never opens a file of a user by any other way.
"""
