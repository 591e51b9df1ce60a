"""Fields against those of magnum.np, which lives in an environment of its own: it brings PyTorch.

`make bench-peers` installs it; MAGJAX_PEERS names another interpreter that has it. Both codes sum Newell's closed form
over the same images, and use the same stencil; magnum.np evaluates point dipoles beyond 20 cells, 1e-5 of the nearest.
"""

import os
import subprocess
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj

ROOT = Path(__file__).resolve().parents[2]
PYTHON = Path(os.environ.get("MAGJAX_PEERS", ROOT / ".venv-bench" / "bin" / "python"))
# Odd numbers: half a period away an even one has two nearest copies, of which magnum.np counts one, and magjax both.
CELLS, CELL = (7, 5, 3), (2e-9, 3e-9, 2.5e-9)
#: Images along x, y, z.
IMAGES = {"none": (0, 0, 0), "x": (2, 0, 0), "xy": (2, 1, 0), "z": (0, 0, 2), "xyz": (1, 1, 1)}
AGREEMENT = 1e-5

SCRIPT = """
import sys
import magnumnp as mn, numpy as np, torch
torch.set_default_dtype(torch.float64)
given = dict(np.load(sys.argv[1]))
found = {}
for name in given["names"]:
    mesh = mn.Mesh(tuple(int(n) for n in given["cells"]), tuple(given["cell_size"]),
                   pbc=tuple(int(i) for i in given["images_" + name]))
    state = mn.State(mesh)
    state.material = {"Ms": torch.tensor(given["Ms"])[..., None], "A": torch.tensor(given["A"])[..., None]}
    state.m = torch.tensor(given["m"])
    if not given["images_" + name][2]:
        found["demag_" + name] = mn.DemagField().h(state).numpy()
    found["exchange_" + name] = mn.ExchangeField().h(state).numpy()
    found["mu_0"] = mn.constants.mu_0
np.savez(sys.argv[2], **found)
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.exists(), reason=f"magnum.np is not installed in {PYTHON}; see MAGJAX_PEERS"),
]


def sample(seed=5):
    """Random spins and Ms with a hole of 2×2×2 cells in the middle, and one at the edge."""
    rng = np.random.default_rng(seed)
    full = np.ones(CELLS[::-1], bool)
    full[1:3, 2:4, 3:5] = full[0, 0, 0] = False
    m = rng.normal(size=(3, *full.shape))
    m = m / np.linalg.norm(m, axis=0) * full
    return m, rng.uniform(5e5, 1e6, full.shape) * full, rng.uniform(0.5e-11, 2e-11, full.shape) * full


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """B of magnum.np in T, `(3, nz, ny, nx)`, by term and images; in one process, for importing it takes seconds."""
    folder = tmp_path_factory.mktemp("magnumnp")
    m, Ms, A = sample()
    images = {f"images_{name}": np.array(s) for name, s in IMAGES.items()}
    np.savez(folder / "given.npz", names=list(IMAGES), cells=CELLS, cell_size=CELL, m=m.T, Ms=Ms.T, A=A.T, **images)
    environment = {**os.environ, "TORCHDYNAMO_DISABLE": "1"}
    command = [str(PYTHON), "-c", SCRIPT, str(folder / "given.npz"), str(folder / "found.npz")]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = np.load(folder / "found.npz")
    return {key: found["mu_0"] * found[key].T for key in found.files if key != "mu_0"}


@pytest.mark.parametrize("name", ["none", "x", "xy"])
def test_demagnetising_field_with_images(name, theirs):
    """Cells of three different edges, Ms that varies from cell to cell, holes."""
    m, Ms, _ = sample()
    mesh = mj.Mesh(CELLS, CELL, periodic="".join(a for a, s in zip("xyz", IMAGES[name], strict=True) if s))
    system = mj.System(mesh, Ms=Ms, energy=mj.Demag(mesh, images=IMAGES[name]))
    ours, expected = np.asarray(system.field(jnp.asarray(m))), theirs[f"demag_{name}"] * (Ms > 0)
    assert np.abs(ours - expected).max() < AGREEMENT * np.abs(expected).max()


def test_demagnetising_field_with_images_along_z(theirs):
    """The sample of images along x with its axes renamed: magnum.np loses a layer of an odd number of them along z."""
    m, Ms, _ = sample()
    (nx, ny, nz), (dx, dy, dz) = CELLS, CELL
    mesh = mj.Mesh((ny, nz, nx), (dy, dz, dx), periodic="z")
    renamed = np.transpose(Ms, (2, 0, 1))
    system = mj.System(mesh, Ms=renamed, energy=mj.Demag(mesh, images=(0, 0, 2)))
    ours = np.asarray(system.field(jnp.asarray(np.transpose(m[[1, 2, 0]], (0, 3, 1, 2)))))
    expected = np.transpose((theirs["demag_x"] * (Ms > 0))[[1, 2, 0]], (0, 3, 1, 2))
    assert np.abs(ours - expected).max() < AGREEMENT * np.abs(expected).max()


@pytest.mark.parametrize("name", IMAGES)
def test_exchange_across_holes_and_borders(name, theirs):
    """A varies from cell to cell and is 0, as Ms is, in the holes: there magnum.np has no neighbours only then."""
    m, Ms, A = sample()
    mesh = mj.Mesh(CELLS, CELL, periodic="".join(a for a, s in zip("xyz", IMAGES[name], strict=True) if s))
    system = mj.System(mesh, Ms=Ms, energy=mj.Exchange(A=A))
    ours, expected = np.asarray(system.field(jnp.asarray(m))), theirs[f"exchange_{name}"] * (Ms > 0)
    assert np.abs(ours - expected).max() < AGREEMENT * np.abs(expected).max()
