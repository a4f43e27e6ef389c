"""Exports as files: whole or not there, and what they say is so."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from eventful_run import EventfulRun, eventful_run
from histories import accept
from prov.model import ProvDocument
from rocrate.rocrate import ROCrate

from controlllm.errors import ArtifactLost, ConfigurationError, RunConflict, RunNotFound
from controlllm.events import RunId
from controlllm.provenance.export import METADATA, check_crate, write_crate, write_prov
from controlllm.provenance.prov_document import prov_document
from controlllm.provenance.story import RunStory
from controlllm_planner.plan import Plan

Writer = Callable[..., None]


@pytest.fixture
def told(tmp_path: Path) -> Iterator[EventfulRun]:
    told = eventful_run(tmp_path)
    yield told
    told.store.close()


@pytest.fixture
def crate(told: EventfulRun, tmp_path: Path) -> Path:
    out = tmp_path / "exports" / "crate"
    write_crate(told.store, told.path_of, told.run_id, out)
    return out


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


# PROV


def test_the_prov_file_reads_back_as_the_document(told: EventfulRun, tmp_path: Path) -> None:
    out = tmp_path / "exports" / "run.json"
    for _ in range(2):
        write_prov(told.store, told.path_of, told.run_id, out)
    expected = prov_document(RunStory.read(told.store, told.run_id))
    assert ProvDocument.deserialize(str(out), format="json") == expected
    assert names(out.parent) == ["run.json"]


# The crate


def test_a_crate_holds_every_file_as_it_is(told: EventfulRun, crate: Path) -> None:
    contents = {
        f"artifacts/{resource.sha256}/{name}": content
        for resource, name, content in (
            (told.clip, "my_clip.mp4", b"a clip"),
            (told.notes, "notes.txt", "Some notes with ä \u0000.".encode()),
            (told.frames[0], "0.png", b"frame a"),
            (told.stacked, "stacked.png", b"frame b"),
            (told.title, "title.txt", b"A title"),
        )
    }
    files = {name for name in names(crate) if (crate / name).is_file()}
    assert files == {*contents, "plan.json", "README.md", METADATA}
    assert {name: (crate / name).read_bytes() for name in contents} == contents
    assert names(crate.parent)[0] == "crate"
    assert [path.name for path in crate.parent.iterdir()] == ["crate"]


def test_the_plan_in_a_crate_is_the_plan_that_was_run(told: EventfulRun, crate: Path) -> None:
    data = json.loads((crate / "plan.json").read_text(encoding="utf-8"))
    assert data.pop("digest") == told.plan.digest
    assert Plan.from_json(data) == told.plan


def test_a_crate_can_be_read_by_the_library(told: EventfulRun, crate: Path) -> None:
    again = ROCrate(crate)
    assert again.name == f"Run {told.run_id}"
    assert again.mainEntity.id == "plan.json"
    assert [each.id for each in again.get_by_type("HowToStep")] == [
        f"#step/{step}" for step in ("s1", "s2", "s2b", "s3", "s4", "s5")
    ]
    results = [each["name"] for each in again.get("#run")["result"]]
    assert results == ["stacked.png", "title.txt"]
    made = again.get("#action/s2b")["result"]
    assert made["sha256"] == told.stacked.sha256


def test_the_readme_leads_to_the_results(told: EventfulRun, crate: Path) -> None:
    told_in_words = (crate / "README.md").read_text(encoding="utf-8")
    for line in (
        f"# Run {told.run_id}",
        "> make a collage, a title",
        "> and say it, 'please' \N{GRINNING FACE}",
        f"- [image](artifacts/{told.stacked.sha256}/stacked.png)",
        f"- [title](artifacts/{told.title.sha256}/title.txt)",
    ):
        assert line in told_in_words.splitlines()


def test_a_whole_crate_has_no_problems(crate: Path) -> None:
    assert list(check_crate(crate)) == []


def test_an_output_that_is_missing_is_noticed(told: EventfulRun, crate: Path) -> None:
    name = f"artifacts/{told.stacked.sha256}/stacked.png"
    (crate / name).unlink()
    assert list(check_crate(crate)) == [f"{name} is missing"]


def test_a_file_that_was_cut_or_changed_is_noticed(told: EventfulRun, crate: Path) -> None:
    cut = f"artifacts/{told.title.sha256}/title.txt"
    (crate / cut).write_bytes(b"A titl")
    changed = crate / "artifacts" / told.clip.sha256 / "my_clip.mp4"
    changed.chmod(0o644)
    changed.write_bytes(b"A clip")
    problems = list(check_crate(crate))
    assert sorted(problems) == sorted(
        [
            f"{cut} has 6 bytes, not 7",
            f"artifacts/{told.clip.sha256}/my_clip.mp4 was changed",
        ]
    )


def test_an_output_that_the_metadata_does_not_describe_is_noticed(
    told: EventfulRun, crate: Path
) -> None:
    lost = f"artifacts/{told.title.sha256}/title.txt"
    metadata = json.loads((crate / METADATA).read_text(encoding="utf-8"))
    metadata["@graph"] = [each for each in metadata["@graph"] if each["@id"] != lost]
    (crate / METADATA).write_text(json.dumps(metadata), encoding="utf-8")
    assert f"#run points by result to {lost}, which is not there" in list(check_crate(crate))


# What cannot be exported


@pytest.mark.parametrize("harm", ["lost", "changed", "cut"])
def test_an_artefact_that_is_lost_or_changed_stops_the_export(
    told: EventfulRun, tmp_path: Path, harm: str
) -> None:
    stored = told.artifacts.path(told.clip.sha256)
    stored.chmod(0o644)
    if harm == "lost":
        stored.unlink()
    else:
        stored.write_bytes(b"A clip" if harm == "changed" else b"a cli")
    said = {
        "lost": f"{told.clip.handle} is gone from the artefact store; replay its run",
        "changed": "my_clip.mp4 was changed; replay it",
        "cut": "my_clip.mp4 has 5 bytes, not 6; replay it",
    }
    (tmp_path / "exports").mkdir()
    with pytest.raises(ArtifactLost, match=said[harm]):
        write_crate(told.store, told.path_of, told.run_id, tmp_path / "exports" / "crate")
    assert names(tmp_path / "exports") == []


def test_a_folder_with_something_in_it_is_left_alone(told: EventfulRun, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "letter.txt").write_text("dear friend")
    with pytest.raises(ConfigurationError, match="mine is there already; name a new folder"):
        write_crate(told.store, told.path_of, told.run_id, out)
    with pytest.raises(ConfigurationError, match=r"letter\.txt is there already"):
        write_crate(told.store, told.path_of, told.run_id, out / "letter.txt")
    assert names(out) == ["letter.txt"]
    shutil.rmtree(out)
    out.mkdir()
    write_crate(told.store, told.path_of, told.run_id, out)
    assert list(check_crate(out)) == []


@pytest.mark.parametrize("write", [write_prov, write_crate])
def test_a_run_that_has_no_story_leaves_no_file(
    told: EventfulRun, tmp_path: Path, write: Writer
) -> None:
    out = tmp_path / "exports" / "out"
    with pytest.raises(RunNotFound):
        write(told.store, told.path_of, RunId("nobody"), out)
    with pytest.raises(RunConflict):
        write(told.store, told.path_of, accept(told.store).run_id, out)
    assert not out.parent.exists()
