"""A folder as one resource: the same bytes for the same content, and nothing leaves the folder."""

import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import folders

NAME = st.text("abcXYZ0189-_ é", min_size=1, max_size=8).map(lambda n: f"{n.strip() or 'n'}.x")
FILES = st.dictionaries(st.lists(NAME, min_size=1, max_size=3).map(tuple), st.binary(max_size=300))


def write(folder: Path, files: dict[tuple[str, ...], bytes]) -> dict[str, bytes]:
    """Write files below a folder, leaving out those whose name is taken by a folder."""
    written: dict[str, bytes] = {}
    for parts, content in files.items():
        path = folder.joinpath(*parts)
        if path.is_dir() or any(parent.is_file() for parent in path.parents):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written["/".join(parts)] = content
    return written


@settings(max_examples=60, deadline=None)
@given(files=FILES)
def test_what_is_packed_comes_back_unpacked(
    tmp_path_factory: pytest.TempPathFactory, files: dict[tuple[str, ...], bytes]
) -> None:
    home = tmp_path_factory.mktemp("folders")
    (home / "in").mkdir()
    written = write(home / "in", files)
    archive = folders.pack(home / "in", home / "a.zip")
    (home / "out").mkdir()
    folders.unpack(archive, home / "out")
    back = {
        path.relative_to(home / "out").as_posix(): path.read_bytes()
        for path in (home / "out").rglob("*")
        if path.is_file()
    }
    assert back == written
    assert set(folders.names(archive)) == set(written)


def test_equal_folders_pack_to_equal_bytes_whatever_their_times_and_order(tmp_path: Path) -> None:
    for name, order in (("one", ["b.txt", "a.png"]), ("two", ["a.png", "b.txt"])):
        folder = tmp_path / name
        folder.mkdir()
        for file in order:
            (folder / file).write_bytes(b"content of " + file.encode())
        folders.pack(folder, tmp_path / f"{name}.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_links_are_left_out_so_that_no_file_from_elsewhere_gets_in(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.txt").write_text("do not pack")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "page.html").write_text("hello")
    (folder / "file.txt").symlink_to(secret / "key.txt")
    (folder / "all").symlink_to(secret, target_is_directory=True)
    assert folders.names(folders.pack(folder, tmp_path / "a.zip")) == ("page.html",)


def test_a_file_of_more_than_two_gigabytes_can_be_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the same switch at a thousand bytes: the format writes other headers above its limit
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1_000)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "video.mp4").write_bytes(bytes(5_000))
    archive = folders.pack(folder, tmp_path / "a.zip")
    folders.unpack(archive, tmp_path / "out")
    assert (tmp_path / "out" / "video.mp4").stat().st_size == 5_000


@pytest.mark.parametrize(
    "name", ["../evil.txt", "/etc/evil", "a/../../evil", "a\\..\\evil", "C:/x"]
)
def test_a_name_that_leaves_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr(name, "x")
    with pytest.raises(InvalidInput, match="leaves the folder"):
        folders.unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_entry_that_says_it_is_a_link_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as out:
        link = zipfile.ZipInfo("page.html")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        out.writestr(link, "/etc/passwd")
    with pytest.raises(InvalidInput, match="link"):
        folders.names(archive)


@pytest.mark.parametrize("names", [("a", "a"), ("a", "a/b"), ("a/b", "a")])
def test_two_entries_that_want_the_same_place_are_refused(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr(names[0], "1")
        if names[0] == names[1]:
            with pytest.warns(UserWarning, match="Duplicate"):
                out.writestr(names[1], "2")
        else:
            out.writestr(names[1], "2")
    with pytest.raises(InvalidInput, match="twice"):
        folders.unpack(archive, tmp_path / "out")


def test_something_that_is_no_zip_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "page.zip").write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(InvalidInput, match=r"page\.zip is not a packed folder"):
        folders.names(tmp_path / "page.zip")


def test_damaged_content_is_a_clear_refusal_not_a_foreign_error(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"x" * 1_000)
    archive = folders.pack(folder, tmp_path / "a.zip")
    damaged = bytearray(archive.read_bytes())
    damaged[200] ^= 0xFF
    archive.write_bytes(bytes(damaged))
    with pytest.raises(InvalidInput, match="damaged"):
        folders.unpack(archive, tmp_path / "out")


def test_a_folder_that_unpacks_to_more_than_the_limit_is_refused_unopened(tmp_path: Path) -> None:
    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for index in range(3):
            out.writestr(f"{index}.bin", bytes(1_000_000))
    content = bytearray(archive.read_bytes())
    # let the directory claim four gigabytes an entry
    place = 0
    while (place := content.find(b"PK\x01\x02", place)) >= 0:
        content[place + 24 : place + 28] = (0xFFFFFFF0).to_bytes(4, "little")
        place += 4
    archive.write_bytes(bytes(content))
    with pytest.raises(InvalidInput, match="more than the limit"):
        folders.names(archive)
