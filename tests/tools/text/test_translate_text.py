"""Translation by a stand-in for apertium that answers as it does; the real one where it is here."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from controlllm_tools.errors import InvalidInput, ToolFailed, ToolUnavailable
from controlllm_tools.resources import Resource
from controlllm_tools.text.translate_text import TranslateText
from controlllm_tools.tool import Inputs, Item, Output, ToolContext

Translate = Callable[..., Output]

PROGRAM = """\
#!/bin/sh
if [ "$1" = "-l" ]; then printf '  eng-spa\\n  spa-eng\\n  fr-es\\n'; exit 1; fi
if [ "$3" = "fr-es" ]; then echo "no such mode" >&2; exit 3; fi
sed -e 's/coche/car/g; s/rojo/*rojo/g'
"""
SPANISH = "El coche rojo duerme en la calle. Hoy es un buen día para todos nosotros."


@pytest.fixture
def translate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, context: ToolContext) -> Translate:
    program = tmp_path / "apertium"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    def translate(**words: str) -> Output:
        ports = {name: Item(Resource.of_value("text", word)) for name, word in words.items()}
        output = TranslateText().run(Inputs.of(**ports), context)["translation"]
        assert isinstance(output, Output)
        return output

    return translate


def test_the_pair_is_found_by_the_language_of_the_text(translate: Translate) -> None:
    output = translate(text=SPANISH, language="english")
    assert output.content == SPANISH.replace("coche", "car")
    assert output.caption == "spanish to english, 1 words unknown"


def test_a_long_text_goes_through_in_pieces_that_end_with_a_line(translate: Translate) -> None:
    text = f"{SPANISH}\n" * 300
    assert translate(text=text, language="english").content == text.replace("coche", "car")


def test_a_pair_that_is_not_installed_is_named_with_the_way_to_get_it(translate: Translate) -> None:
    with pytest.raises(ToolUnavailable, match=r"no pair from spanish to welsh here, only: eng-spa"):
        translate(text=SPANISH, language="welsh")


def test_a_text_in_that_language_already_stays_as_it_is(translate: Translate) -> None:
    output = translate(text=SPANISH, language="spanish")
    assert (output.content, output.caption) == (SPANISH, "the text is in Spanish already")


def test_an_empty_text_is_refused(translate: Translate) -> None:
    with pytest.raises(InvalidInput, match="has 1 characters"):
        translate(text=" ", language="spanish")


def test_a_language_that_cannot_be_told_is_asked_for(translate: Translate) -> None:
    with pytest.raises(InvalidInput, match="say from_language, one of: afrikaans"):
        translate(text="42", language="english")


def test_a_program_that_breaks_down_is_quoted(translate: Translate) -> None:
    with pytest.raises(ToolFailed, match="apertium ended with 3: no such mode"):
        translate(text="Bonjour à tous", language="spanish", from_language="french")


def test_without_the_program_the_message_says_how_to_get_it(
    translate: Translate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ToolUnavailable, match="apt-get install apertium"):
        translate(text=SPANISH, language="english")


@pytest.mark.skipif(shutil.which("apertium") is None, reason="apertium is not installed here")
def test_the_real_program_translates(context: ToolContext) -> None:
    ports = {"text": "El coche rojo duerme.", "from_language": "spanish"}
    items = {name: Item(Resource.of_value("text", word)) for name, word in ports.items()}
    output = TranslateText().run(Inputs.of(**items), context)["translation"]
    assert isinstance(output, Output)
    assert output.content == "The red car sleeps."
