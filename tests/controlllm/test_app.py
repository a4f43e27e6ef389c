"""From settings to a planner."""

from pathlib import Path

import pytest
from encoders import write_encoder
from worlds import GRAPH, TYPES, calls, request

from controlllm.app import make_planner
from controlllm.errors import ConfigurationError
from controlllm.settings import Settings, load_settings
from controlllm_tools.registry import Registry


@pytest.fixture
def registry() -> Registry:
    return Registry(cards={card.name: card for card in GRAPH.cards}, types=TYPES, links=())


def test_without_settings_nothing_is_kept_and_with_them_what_cards_mean(
    registry: Registry, tmp_path: Path
) -> None:
    asked, settings = request("Blur the photo", "a.png:image"), Settings(home=tmp_path)
    plain = make_planner(registry, all_tools=True).plan(asked)
    assert not list(tmp_path.iterdir())
    kept = [make_planner(registry, all_tools=True, settings=settings) for _ in range(2)]
    (file,) = settings.vector_root.iterdir()
    assert file.name.startswith("sentences-")
    assert all(calls(each.plan(asked)) == calls(plain) for each in kept)


@pytest.mark.parametrize("what", ["no folder", "empty", "broken", "another encoder"])
def test_a_folder_that_cannot_be_used_is_a_wrong_setting(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
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
        make_planner(registry, settings=load_settings())
    assert "CONTROLLLM_SENTENCE_MODEL" in str(caught.value)
    assert str(folder) in str(caught.value)
