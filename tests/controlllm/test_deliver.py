"""Results come to lie beside what the user has, and never in its place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from controlllm.answer import Delivery, RunResult
from controlllm.deliver import deliver, make_writable, put_file
from controlllm.errors import ArtifactLost
from controlllm.events import RunId
from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import folders
from controlllm_tools.resources import Resource, ResourceType

Give = Callable[..., list[str]]


def picture(store: Path, content: bytes, name: str = "edges.png") -> Resource:
    sha256 = hashlib.sha256(content).hexdigest()
    (store / sha256).write_bytes(content)
    return Resource(
        type=ResourceType("image"), sha256=sha256, size_bytes=len(content), mime="image/png",
        name=name,
    )  # fmt: skip


def page(store: Path, scratch: Path, words: str) -> Resource:
    folder = scratch / "page"
    (folder / "media").mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(words)
    (folder / "media" / "a.txt").write_text("media")
    content = folders.pack(folder, scratch / "page.zip").read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    (store / sha256).write_bytes(content)
    return Resource(
        type=ResourceType("document.webpage"), sha256=sha256, size_bytes=len(content),
        mime=folders.FOLDER_MIME, name="webpage.zip",
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def give(store: Path, out: Path) -> Give:
    """Deliver resources; tells where they lie, below the folder."""

    def give(*resources: Resource) -> list[str]:
        result = RunResult(
            run_id=RunId("r"),
            state="succeeded",
            plan="p",
            deliveries=tuple(Delivery(resource=r, step="s1", port="out") for r in resources),
            answer="",
        )
        places = deliver(result, lambda r: None if r.text is not None else store / r.sha256, out)
        return [places[n].relative_to(out).as_posix() for n in range(len(resources))]

    return give


def test_a_file_of_the_user_keeps_its_name_and_its_content(
    give: Give, store: Path, out: Path
) -> None:
    out.mkdir()
    (out / "edges.png").write_bytes(b"mine")
    (out / "edges-2.png").symlink_to(out / "nowhere")
    assert give(picture(store, b"theirs")) == ["edges-3.png"]
    assert (out / "edges.png").read_bytes() == b"mine"
    assert not (out / "nowhere").exists()
    assert (out / "edges-3.png").read_bytes() == b"theirs"


def test_what_is_delivered_twice_lies_there_once(give: Give, store: Path, tmp_path: Path) -> None:
    made = (picture(store, b"one"), picture(store, b"two"), page(store, tmp_path, "hello"))
    places = ["edges.png", "edges-2.png", "webpage/index.html"]
    assert give(*made) == places
    assert give(*made) == places


def test_equal_results_of_one_run_get_a_file_each(give: Give, store: Path) -> None:
    same = picture(store, b"one")
    assert give(same, same) == ["edges.png", "edges-2.png"]


@pytest.mark.parametrize("changed", ["index.html", "media/a.txt", "notes.txt"])
def test_a_folder_that_was_changed_or_added_to_stays(
    give: Give, store: Path, out: Path, tmp_path: Path, changed: str
) -> None:
    made = page(store, tmp_path, "hello")
    give(made)
    (out / "webpage" / changed).write_text("mine")
    assert give(made) == ["webpage-2/index.html"]
    assert (out / "webpage" / changed).read_text() == "mine"
    assert give(made) == ["webpage-2/index.html"]


def test_inline_text_becomes_a_file_with_its_line_endings(give: Give, out: Path) -> None:
    text = Resource.of_text("text", "one\r\ntwo\n", name="summary")
    assert give(text) == ["summary.txt"]
    assert (out / "summary.txt").read_bytes() == b"one\r\ntwo\n"


def test_a_name_of_any_length_and_script_becomes_a_file(give: Give, store: Path) -> None:
    (place,) = give(picture(store, b"one", name="語" * 149 + ".png"))
    assert place.endswith(".png")


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_folder_that_cannot_be_made_is_refused_in_words(out: Path, below: str) -> None:
    out.write_text("a file")
    with pytest.raises(InvalidInput, match=r"cannot write into .*out.*: "):
        make_writable(out / below)
    assert out.read_text() == "a file"


def test_a_damaged_page_leaves_nothing_behind(give: Give, store: Path, out: Path) -> None:
    broken = Resource(
        type=ResourceType("document.webpage"), sha256="0" * 64, size_bytes=3,
        mime=folders.FOLDER_MIME, name="webpage.zip",
    )  # fmt: skip
    (store / broken.sha256).write_bytes(b"PK?")
    with pytest.raises(InvalidInput, match="not a packed folder"):
        give(broken)
    assert list(out.iterdir()) == []


def test_a_lost_artefact_is_named(give: Give, store: Path) -> None:
    gone = picture(store, b"one")
    (store / gone.sha256).unlink()
    with pytest.raises(ArtifactLost, match=f"{gone.handle} is gone"):
        give(gone)


def test_a_file_is_put_beside_another_one_of_its_name(tmp_path: Path, out: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"new")
    out.mkdir()
    (out / "video.mp4").write_bytes(b"mine")
    assert put_file(source, out / "video.mp4") == out / "video-2.mp4"
    assert put_file(source, out / "video.mp4") == out / "video-2.mp4"
    assert (out / "video.mp4").read_bytes() == b"mine"
