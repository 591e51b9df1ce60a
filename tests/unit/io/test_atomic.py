import pytest

from magjax.io.atomic import draft_of, replacing


def test_an_error_leaves_the_earlier_file(tmp_path):
    path = tmp_path / "a"
    path.write_text("old")

    def write_half() -> None:
        with replacing(path) as file:
            file.write(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_replaces_a_file(tmp_path):
    path = tmp_path / "deep" / "a"
    for text in (b"one", b"two"):
        with replacing(path) as file:
            file.write(text)
        assert path.read_bytes() == text
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_replaces_a_folder(tmp_path):
    path = tmp_path / "store"
    for name in ("one", "two"):
        with draft_of(path) as draft:
            draft.mkdir()
            (draft / name).touch()
        assert [f.name for f in path.iterdir()] == [name]

    def write_half() -> None:
        with draft_of(path) as draft:
            draft.mkdir()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert [f.name for f in path.iterdir()] == ["two"]
    assert list(tmp_path.iterdir()) == [path]
