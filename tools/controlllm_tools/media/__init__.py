"""Read, measure and write media safely: header first, every size capped, programs by argument list.

    limits       what is too large to touch
    sniff        what a file holds, by its first bytes
    probe        measured facts of a file, or a clear refusal
    mp4_boxes    the structure of MP4 files, as far as probing needs it
    images       pictures as RGB arrays, and with what can be seen through them
    ranges       a number on a port that has to lie in a range
    boxes        rectangles on a picture
    masks        areas of a picture
    palette      the colours of a picture, by name
    look         how a picture looks, as numbers
    recogniser   printed text on a picture
    lettering    words set in lines, on a strip of a picture
    sound        sound as float arrays
    effects      sound through chains of filters, into lossless files
    mastering    the loudness and the peaks of a sound
    speech       a text read aloud, by a program of its own (espeak_program)
    transcript   what is said in a recording (voice_activity, word_listener, pronunciation)
    movies       frames of a video, streamed
    web_video    a video as browsers play it, and a poster of it
    spans        stretches of time with a label each
    subtitles    timed text
    cue_layout   timed words as subtitles
    words        the language, the words and the stems of a text
    sentences    where its sentences end
    key_phrases  what it is about
    headline     a title made of its own words (title_case)
    video_facts  what was measured of a video, as one tool tells it to another
    audio_facts  what was measured of a sound, likewise
    mood         a mood as numbers that music can be made from
    tables       rows and columns as CSV
    pdf          PDF documents, read page by page
    paper        new PDF documents
    typed_json   such values, checked on the way in
    ffmpeg       the one place that starts ffmpeg
    progress     the progress of a call that has stages
    fonts        a font that is always there
    folders      a folder as one resource

A tool never opens a file of a user by any other way.
"""
