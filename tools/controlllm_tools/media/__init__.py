"""Read, measure and write media safely: header first, every size capped, programs by argument list.

    limits    what is too large to touch
    sniff     what a file holds, by its first bytes
    probe     measured facts of a file, or a clear refusal
    mp4_boxes the structure of MP4 files, as far as probing needs it
    images    pictures as RGB arrays
    boxes     rectangles on a picture
    sound     sound as float arrays
    movies    frames of a video, streamed
    web_video a video as browsers play it, and a poster of it
    ffmpeg    the one place that starts ffmpeg
    fonts     a font that is always there
    folders   a folder as one resource

A tool never opens a file of a user by any other way.
"""
