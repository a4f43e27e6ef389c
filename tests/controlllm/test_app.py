"""From settings to a planner."""

from pathlib import Path

import pytest
from encoders import write_encoder
from worlds import GRAPH, TYPES, calls, request

from controlllm.app import make_planner, with_sentences
from controlllm.errors import ConfigurationError
from controlllm.settings import Settings, load_settings
from controlllm_planner.planner import Planner
from controlllm_tools.registry import Registry


@pytest.fixture
def planner() -> Planner:
    cards = {card.name: card for card in GRAPH.cards}
    registry = Registry(cards=cards, types=TYPES, links=())
    return make_planner(registry, all_tools=True)


def test_without_a_folder_the_planner_stays_as_it_is(planner: Planner, tmp_path: Path) -> None:
    assert with_sentences(planner, Settings(home=tmp_path)) is planner
    assert not list(tmp_path.iterdir())
    assert calls(planner.plan(request("Blur the photo", "a.png:image")))


@pytest.mark.parametrize("what", ["no folder", "empty", "broken", "another encoder"])
def test_a_folder_that_cannot_be_used_is_a_wrong_setting(
    planner: Planner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    folder = tmp_path / "model"
    if what != "no folder":
        folder.mkdir()
    if what in {"broken", "another encoder"}:
        write_encoder(folder, {"word": (1, 0)})
    if what == "broken":
        (folder / "model.onnx").write_bytes(b"no model")
    monkeypatch.setenv("CONTROLLLM_SENTENCE_MODEL", str(folder))
    monkeypatch.setenv("CONTROLLLM_HOME", str(tmp_path / "home"))
    with pytest.raises(ConfigurationError) as caught:
        with_sentences(planner, load_settings())
    assert "CONTROLLLM_SENTENCE_MODEL" in str(caught.value)
    assert str(folder) in str(caught.value)
