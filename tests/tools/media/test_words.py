"""The language of a text is told by its small words."""

import pytest

from controlllm_tools.media.words import language_of, medium_words, words

TEXTS = {
    "english": "The boats leave the harbour before the sun is up, and nobody is there to see them.",
    "french": "Les bateaux quittent le port avant le lever du soleil et il n'y a personne au quai.",
    "german": "Die Boote verlassen den Hafen, bevor die Sonne aufgeht, und es ist niemand am Kai.",
    "spanish": "Los barcos salen del puerto antes de que salga el sol y no hay nadie en el muelle.",
    "italian": "Le barche lasciano il porto prima che sorga il sole e non c'è nessuno sul molo.",
    "portuguese": "Os barcos deixam o porto antes de o sol nascer e não há ninguém no cais.",
    "dutch": "De boten verlaten de haven voordat de zon opkomt en er is niemand op de kade.",
}


@pytest.mark.parametrize(("name", "text"), TEXTS.items())
def test_the_language_is_told(name: str, text: str) -> None:
    language = language_of(text)
    assert language.name == name
    assert language.knows(text)


def test_where_no_language_stands_out_it_is_english() -> None:
    assert language_of("").name == "english"
    assert language_of("Zagreb Ljubljana").name == "english"
    assert not language_of("").knows("Port katedralen fiskebåtar seglar lugnt")


def test_words_keep_hyphens_and_apostrophes_inside() -> None:
    assert words("A well-made boat isn\u2019t 'new' - or is it?") == [
        "A", "well-made", "boat", "isn\u2019t", "new", "or", "is", "it",
    ]  # fmt: skip


def test_scripts_without_blanks_become_pairs_of_characters() -> None:
    assert words("渔船出海 ok") == ["渔船", "船出", "出海", "ok"]
    assert words("海") == ["海"]


def test_stop_words_single_letters_and_numbers_say_little() -> None:
    english = language_of("the a of")
    assert all(
        english.says_little(word) for word in ("the", "The", "don\u2019t", "x", "1984", "3-4")
    )
    assert not any(english.says_little(word) for word in ("boat", "B2B", "4th"))


def test_forms_of_a_word_share_a_stem() -> None:
    english = language_of("the a of")
    assert english.stem("Boats") == english.stem("boat")
    assert english.terms("The boats boated.") == [english.stem("boat")] * 2
    assert "video" in medium_words()
