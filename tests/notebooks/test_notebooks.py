"""Every notebook runs from top to bottom, shortened, in a process of its own; what is kept of it is light and whole."""

from pathlib import Path

import nbclient
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = [pytest.param(path, id=path.stem) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
LARGEST_FILE = 600_000  # bytes: pictures in notebooks are what makes repositories heavy


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS)
def test_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Executed in an empty folder with `MAGJAX_QUICK=1`, by which notebooks choose coarse meshes and short times."""
    monkeypatch.setenv("MAGJAX_QUICK", "1")
    # The kernel's own: pictures inline, its history not in the home of whoever runs the tests, precision as it says.
    monkeypatch.delenv("MPLBACKEND", raising=False)
    monkeypatch.delenv("JAX_ENABLE_X64", raising=False)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    # The kernel sees the source under test, installed or not.
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    work = tmp_path / "work"
    work.mkdir()
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(work)}}
    )
    client.execute()
    for cell in notebook.cells:
        said = [o for o in cell.get("outputs", []) if o.output_type == "stream" and o.name == "stderr"]
        assert not said, f"A cell wrote to standard error: {said[0].text}"


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_notebook_is_kept_with_its_pictures(path: Path) -> None:
    """Every cell was run in order, none failed, the file is light, and nothing in it names a folder of its maker."""
    assert path.stat().st_size < LARGEST_FILE
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert all(output.output_type != "error" for output in outputs)
    assert any("image/png" in output.get("data", {}) for output in outputs)
    text = path.read_text(encoding="utf-8")
    assert not any(place in text for place in ("/home/", "/Users/", "/tmp/", "/root/", ":\\\\"))


def test_notebooks_were_found() -> None:
    """The check can fail: the folder holds notebooks, and they read the variable that shortens them."""
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert paths
    assert all("MAGJAX_QUICK" in path.read_text(encoding="utf-8") for path in paths)
