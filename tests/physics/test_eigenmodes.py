"""Eigenmodes against theory (rows A5, A18, A20): resonance of bodies, waves, confinement, the FMR problem."""

import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.analytic import demag, dispersion, film_waves

GAMMA = mj.constants.GAMMA
A, MS = 1.3e-11, 8e5


@pytest.mark.slow
def test_resonance_of_a_block_is_kittels() -> None:
    """ω = γ √[(B + (Ny−Nx) μ0Ms)(B + (Nz−Nx) μ0Ms)] for a field along x, with the prism's demagnetising factors.

    One cell moves as a whole, and its own field is that of Aharoni's factors to rounding; Newell's kernel to 1e-12.
    """
    mesh = mj.Mesh((1, 1, 1), (40e-9, 20e-9, 5e-9))
    block = mj.System(mesh, Ms=MS, alpha=0.01, energy=mj.Demag(mesh) + mj.Zeeman(B=(0.1, 0, 0)))
    found = mj.eigenmodes(block, mj.textures.uniform(mesh, "x"))
    Nx, Ny, Nz = demag.prism_factors(mesh.extent)
    M = mj.constants.MU0 * MS
    stiff = 0.1 + (Ny - Nx) * M, 0.1 + (Nz - Nx) * M
    assert 2 * np.pi * float(found.frequency[0]) == pytest.approx(GAMMA * np.sqrt(np.prod(stiff)), rel=1e-9, abs=0)
    assert float(found.decay_rate[0]) == pytest.approx(0.01 * GAMMA * np.mean(stiff), rel=1e-9, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["dense", "iterative"])
def test_exchange_waves_on_the_lattice(method: str) -> None:
    """ω = γ(B + 2K/Ms + 2A k̃²/Ms), k̃² of the stencil: all waves of a periodic lattice, in their fourfold degeneracies.

    Residuals of 1e-5 of the highest frequency leave the square of that in the frequencies.
    """
    mesh = mj.Mesh((8, 6, 1), (4e-9, 5e-9, 3e-9), periodic="xy")
    easy = mj.Exchange(A=A) + mj.UniaxialAnisotropy(K=5e4, axis=(0, 0, 1)) + mj.Zeeman(B=(0, 0, 0.1))
    found = mj.eigenmodes(mj.System(mesh, Ms=MS, energy=easy), mj.textures.uniform(mesh, "z"), 12, method=method)
    waves = [2 * np.pi * np.fft.fftfreq(n, d) for n, d in zip(mesh.cells, mesh.cell_size, strict=True)]
    k = np.stack(np.meshgrid(*waves, indexing="ij"), axis=-1).reshape(-1, 3)
    exact = dispersion.frequency(dispersion.lattice_square(k, mesh.cell_size), A=A, Ms=MS, B=0.1, K=5e4)
    assert np.allclose(2 * np.pi * found.frequency, np.sort(exact)[:12], rtol=1e-8, atol=0)
    assert np.allclose(found.ellipticity, 1, rtol=0, atol=1e-3)


@pytest.mark.slow
def test_confinement_by_an_inhomogeneous_anisotropy() -> None:
    """Row A20: circular waves about z see K1(r) as Schrödinger's particle sees a potential.

    ω ψ = γ [2 K1(r)/Ms − (2A/Ms) ∇²] ψ, written down with numpy for a disk with free edges (differences to missing
    neighbours are 0) and diagonalised: the same frequencies, and states bound in the well.
    """
    mesh = mj.Mesh((20, 20, 1), 4e-9)
    x, y, _ = mesh.centers()
    r = np.hypot(x - 40e-9, y - 40e-9)[0]
    K = 8e5 - 7e5 * np.exp(-((r / 15e-9) ** 2))
    inside = r <= 38e-9
    number = np.where(inside, np.cumsum(inside.ravel()).reshape(inside.shape) - 1, -1)
    H = np.diag(2 * K[inside] / MS)
    for axis in (0, 1):
        pairs = np.stack([number, np.roll(number, -1, axis)]).swapaxes(1, 1 + axis)[:, :-1].reshape(2, -1)
        for i, j in pairs.T[(pairs >= 0).all(axis=0)]:
            c = 2 * A / MS / 4e-9**2
            H[i, i] += c
            H[j, j] += c
            H[i, j] -= c
            H[j, i] -= c
    exact = GAMMA * np.linalg.eigvalsh(H)[:6] / (2 * np.pi)
    easy = mj.Exchange(A=A) + mj.UniaxialAnisotropy(K=jnp.asarray(K[None]), axis=(0, 0, 1))
    disk = mj.System(mesh, Ms=MS, energy=easy, shape=mj.shapes.cylinder(radius=38e-9))
    found = mj.eigenmodes(disk, mj.textures.uniform(mesh, "z"), 6)
    assert np.allclose(found.frequency, exact, rtol=1e-8, atol=0)
    # Bound: below the gap outside, and with most of its weight in the well.
    assert float(found.frequency[0]) < GAMMA * 2 * 8e5 / MS / (2 * np.pi)
    weight = np.sum(np.abs(found.profile[0]) ** 2, axis=(0, 1))
    assert weight[r < 20e-9].sum() > 0.8 * weight.sum()


@pytest.mark.slow
def test_a_wall_has_a_zero_mode_and_lets_waves_pass() -> None:
    """A Bloch wall in a ring: its shift costs nothing, and neither does its turn; above the gap waves pass unreflected.

    Winter's waves on a wall feel a Pöschl–Teller well that reflects nothing: ω = γ (2K/Ms)(1 + k²Δ²), each wall
    advancing their phase by 2 arctan(1/kΔ). With two walls in a ring of length L, kL + 4 arctan(1/kΔ) = 2πn: n = 1 is
    k = 0, once, n = 2 a wave in each direction. Cells of Δ/4 change ω by (d/Δ)²/12 times some, of the little that
    they are above the gap: 0.2 %.
    """
    K = 4e5
    width = np.sqrt(A / K)
    mesh = mj.Mesh((200, 1, 1), (width / 4, 5e-9, 5e-9), periodic="x")
    x = mesh.centers()[0]
    L = mesh.extent[0]
    phi = np.pi / 2 + 0 * x
    theta = 2 * np.arctan(np.exp((x - L / 4) / width)) - 2 * np.arctan(np.exp((x - 3 * L / 4) / width))
    start = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
    wire = mj.System(mesh, Ms=MS, energy=mj.Exchange(A=A) + mj.UniaxialAnisotropy(K=K, axis=(0, 0, 1)))
    state = mj.minimize(wire, jnp.asarray(start), tolerance=1e-9)
    found = mj.eigenmodes(wire, state, 5)
    gap = GAMMA * 2 * K / MS / (2 * np.pi)
    assert np.all(found.frequency[:2] < 0.02 * gap)
    from scipy.optimize import brentq

    k = brentq(lambda k: k * L + 4 * np.arctan(1 / (k * width)) - 4 * np.pi, 1e-3 / width, 10 / width)
    assert float(found.frequency[2]) / gap == pytest.approx(1, rel=0, abs=2e-3)
    assert np.allclose(found.frequency[3:5] / gap, 1 + (k * width) ** 2, rtol=2e-3, atol=0)


@pytest.mark.slow
@pytest.mark.parametrize("along", ["x", "y", "z"])
def test_dipolar_waves_of_a_film(along: str) -> None:
    """Backward volume, surface and forward volume waves against Kalinikos and Slavin's closed forms.

    A film of 20 nm in four layers, periodic with 400 nm, waves along x; field along x, y or the normal. 2 %:
    the copies of the sample reach 8 µm and 4 µm, which leaves 1 % of μ0Ms in uniform demagnetisation along the normal,
    and the closed forms take profiles as uniform through the thickness, 1 % at kd = 0.6.
    """
    length, n, d = 400e-9, 40, 20e-9
    mesh = mj.Mesh((n, 1, 4), (length / n, length / n, d / 4), periodic="xy")
    B = {"x": (0.1, 0, 0), "y": (0, 0.1, 0), "z": (0, 0, 1.2)}[along]
    stray = mj.Demag(mesh, images=(20, 400, 0))
    film = mj.System(mesh, Ms=MS, energy=mj.Exchange(A=A) + stray + mj.Zeeman(B=B))
    found = mj.eigenmodes(film, mj.textures.uniform(mesh, along), 5)
    k = 2 * np.pi * np.arange(3) / length
    if along == "z":
        exact = film_waves.forward_volume_frequency(k, A=A, Ms=MS, thickness=d, B=1.2)
    else:
        exact = film_waves.frequency(k, A=A, Ms=MS, thickness=d, B=0.1, angle=0 if along == "x" else np.pi / 2)
    exact = np.sort(np.asarray(exact)[[0, 1, 1, 2, 2]]) / (2 * np.pi)
    assert np.allclose(found.frequency, exact, rtol=0.02, atol=0)


@pytest.mark.slow
def test_fmr_problem() -> None:
    """The modes of the standard problem with resonance: 8.27, 9.40, 10.84, 11.23 GHz in cells of 5 nm.

    120×120×10 nm of permalloy in 80 kA/m at 35°; γ0 = 2.211e5 m/(A·s). Published to three digits. A uniform pulse sees
    the first strongest and the fourth; the second and third are odd, and dark to it.
    """
    mesh = mj.Mesh((24, 24, 2), 5e-9)
    H, angle = mj.constants.MU0 * 80e3, np.radians(35)
    energy = mj.Exchange(A=A) + mj.Demag(mesh) + mj.Zeeman(B=(H * np.cos(angle), H * np.sin(angle), 0))
    square = mj.System(mesh, Ms=MS, alpha=0.008, gamma=2.211e5 / mj.constants.MU0, energy=energy)
    found = mj.eigenmodes(square, mj.minimize(square, mj.textures.uniform(mesh, (1, 0.7, 0))), 20)
    assert np.allclose(found.frequency[:4] / 1e9, [8.27, 9.40, 10.84, 11.23], rtol=0, atol=0.01)
    seen = found.drive((1e-3, 0, 0)) / found.decay_rate
    assert int(jnp.argmax(seen)) == 0
    assert np.all(seen[1:3] < 1e-6 * seen[0])
    assert float(seen[3]) > 0.1 * float(seen[0])


@pytest.mark.slow
@pytest.mark.parametrize("method", ["dense", "iterative"])
def test_chiral_exchange_makes_waves_differ_by_their_way(method: str) -> None:
    """ω = γ(B + 2K/Ms + 2A k̃²/Ms + 2D sin(kd)/(d Ms)), k of either sign: interfacial DMI tells left from right.

    A ring of spins along y, across the chain and in the plane of the film: m·(ẑ×x̂) is not 0. Modes are single waves
    exp(ikx), complex, which hold to 1e-8 as residuals do to 1e-5.
    """
    D, K, B, n, d = 1.5e-3, 6e5, 0.2, 24, 3e-9
    mesh = mj.Mesh((n, 1, 1), (d, 4e-9, 1e-9), periodic="x")
    energy = mj.Exchange(A=A) + mj.DMI(D=D, kind="interfacial") + mj.UniaxialAnisotropy(K=K, axis=(0, 1, 0))
    chain = mj.System(mesh, Ms=MS, energy=energy + mj.Zeeman(B=(0, B, 0)))
    found = mj.eigenmodes(chain, mj.textures.uniform(mesh, "y"), 7, method=method)
    k = 2 * np.pi * np.fft.fftfreq(n, d)
    square = (2 * np.sin(k * d / 2) / d) ** 2
    waves = GAMMA * (B + 2 * K / MS + 2 * A * square / MS + 2 * D * np.sin(k * d) / (d * MS)) / (2 * np.pi)
    assert np.allclose(found.frequency, np.sort(waves)[:7], rtol=1e-7, atol=0)
    lowest = np.abs(np.fft.fft(np.asarray(found.profile)[0, 0, 0, 0]))
    assert np.max(lowest) > 0.999 * np.linalg.norm(lowest)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["dense", "iterative"])
def test_waves_of_a_chain_of_two_sublattices(method: str) -> None:
    """ω = γ[√(b(2B_E + b)) ± B], b = B_A + 2A k̃²/Ms: the branches of an easy-axis antiferromagnet in a field along it.

    Exchange acts within the sublattices, and the coupling in each cell between them. Residuals of 1e-5 leave 1e-8.
    """
    K, J, Ms, B, n, d = 1e5, 4e6, 4e5, 0.5, 12, 3e-9
    mesh = mj.Mesh((n, 1, 1), d, periodic="x")
    energy = mj.Exchange(A=A) + mj.UniaxialAnisotropy(K=K, axis=(0, 0, 1)) + mj.Zeeman(B=(0, 0, B))
    one = mj.System(mesh, Ms=Ms, alpha=1e-3, energy=energy)
    pair = mj.Sublattices({"a": one, "b": one}, coupling=mj.Coupling(J=J))
    found = mj.eigenmodes(pair, mj.textures.antiparallel(mj.textures.uniform(mesh, "z")), 6, method=method)
    square = (2 * np.sin(np.pi * np.fft.fftfreq(n)) / d) ** 2
    B_E, b = J / Ms, 2 * K / Ms + 2 * A * square / Ms
    bare = np.sqrt(b * (2 * B_E + b))
    exact = np.sort(np.concatenate([bare - B, bare + B]))[:6] * GAMMA / (2 * np.pi)
    assert np.allclose(found.frequency, exact, rtol=1e-7, atol=0)
