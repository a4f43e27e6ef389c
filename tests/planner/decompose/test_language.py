"""The language of a request, told apart from English by the words that a catalogue knows."""

import pytest
from worlds import GRAPH, request

from controlllm_planner.decompose.language import Foreign, foreign_words, is_plainly_english
from controlllm_planner.decompose.mentions import mark
from controlllm_planner.relevance import LexicalRelevance

LEXICAL = LexicalRelevance(GRAPH)


def knows(word: str) -> bool:
    return LEXICAL.strength(word) > 0


def foreign(text: str, *attachments: str) -> Foreign | None:
    return foreign_words(mark(text, request(text, *attachments).attachments), knows)


@pytest.mark.parametrize(
    "text",
    [
        "OCR a.png",
        "blur it",
        "make a gif",
        "dub the video",
        "trim.mp4",
        "blur it.png",
        "pls summarize",
        "denoise speech.flac",
        "video to gif",
        "\U0001f44d\U0001f525",
        "\U0001f3ac make a film",
        "upscale 4x pls",
        "vid2gif",
        "Fribble the gronk",
        "asdf qwer zxcv",
        "ffmpeg -i a.mp4 b.gif",
        "foo(bar)",
        "SELECT * FROM x",
        "translate the menu to German",
        "read aloud: 'Guten Morgen, wie geht es Ihnen?'",
        "caf\u00e9 photo, crop it",
        "x",
    ],
)
def test_a_short_request_in_english_or_in_no_language_is_never_called_foreign(text: str) -> None:
    assert foreign(text, "a.png:image", "trim.mp4:video", "blur it.png:image") is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Schneide die ersten zehn Sekunden aus dem Video", "German (de)"),
        ("Fais une vid\u00e9o plus courte et ajoute de la musique", "French (fr)"),
        ("Extrae el audio de la pel\u00edcula y convi\u00e9rtelo en texto", "Spanish (es)"),
        ("Riassumi questo documento e leggilo ad alta voce", "Italian (it)"),
        ("Resuma o texto e leia em voz alta", "Portuguese (pt)"),
        ("Maak een diavoorstelling van mijn foto's met muziek", "Dutch (nl)"),
        ("Wyodr\u0119bnij d\u017awi\u0119k z filmu", "Polish (pl)"),
        (
            "\u0421\u0434\u0435\u043b\u0430\u0439 \u043a\u0440\u0430\u0442\u043a\u043e\u0435 "
            "\u0441\u043e\u0434\u0435\u0440\u0436\u0430\u043d\u0438\u0435 "
            "\u0442\u0435\u043a\u0441\u0442\u0430",
            "Russian (ru)",
        ),
        ("\u628a\u8fd9\u5f20\u56fe\u7247\u7684\u80cc\u666f\u53bb\u6389", "Chinese (zh)"),
        (
            "\u3053\u306e\u5199\u771f\u306e\u80cc\u666f\u3092\u6d88\u3057\u3066",
            "Japanese (ja)",
        ),
        ("\u0644\u062e\u0635 \u0647\u0630\u0627 \u0627\u0644\u0646\u0635", "Arabic (ar)"),
        ("Bu metni \u00f6zetle ve sesli oku", "Turkish (tr)"),
    ],
)
def test_a_request_in_another_language_is_named(text: str, language: str) -> None:
    found = foreign(text)
    assert found is not None
    assert found.language == language


def test_a_language_that_few_words_leave_open_is_named_with_the_other_one() -> None:
    found = foreign("Zkra\u0165 toto video na deset sekund")
    assert found is not None
    assert found.language == "Slovak (sk) or Czech (cs)"


def test_what_can_be_read_are_names_quotations_and_words_of_the_catalogue() -> None:
    found = foreign(
        "Schreib die \u00dcberschrift 'Our summer' auf das Video clip.mp4", "clip.mp4:video"
    )
    assert found is not None
    assert found.understood == ("Our summer", "Video", "clip.mp4")
    assert found.words == '"Our summer" Video clip.mp4'


def test_a_quotation_in_another_language_is_no_language_of_the_request() -> None:
    text = "Read the words 'Das ist ein sch\u00f6ner langer Satz auf Deutsch' aloud as speech"
    assert foreign(text) is None


def test_file_names_and_quotations_do_not_make_a_foreign_request_english() -> None:
    text = '\u00dcbersetze "read the words in this picture" ins Deutsche'
    assert not is_plainly_english(text, knows)
    found = foreign(text)
    assert found is not None
    assert found.language == "German (de)"


def test_a_long_request_is_judged_by_its_beginning() -> None:
    assert foreign("blur the picture and " * 900) is None
    long = foreign("mache bitte das Bild unscharf und " * 500)
    assert long is not None
    assert long.language == "German (de)"
