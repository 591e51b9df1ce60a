"""Superparamagnets: ensembles of noisy spins against Langevin's function and Boltzmann's averages."""

from pathlib import Path

import numpy as np
import pytest

from magjax.analytic import brown
from magjax.config.load import check_study, read

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "configs" / "langevin_superparamagnet.toml"


@pytest.fixture(scope="module")
def tables():
    """The configuration as it comes."""
    return read(CONFIG)


def found(tables, **changes):
    """What the study finds with some values changed."""
    return check_study({**tables, "study": {**tables["study"], **changes}}).model.run(lambda _: None).data


@pytest.mark.slow
def test_langevin_function(tables):
    """⟨m_z⟩ = L(ξ) and ⟨m_z²⟩ = 1 − 2L(ξ)/ξ at seven fields and two temperatures, whatever the damping.

    Layout: 200 spheres from all over the sphere for 1 ns, ten and twenty times the time of free diffusion τ_N; its
    first half is thrown away, which leaves a bias below e⁻⁵ τ_N/500 ps = 1.3e-3. That of a step of a tenth of a
    radian is smaller. Errors are those of 200 independent means, 5e-4 in the strongest field to 2e-2. The root mean
    square of 14 numbers of unit variance is below 1.6 with a probability of 0.9999, and the seed is fixed.
    """
    data = found(tables)
    xi = 446e3 * np.pi / 6 * 125e-27 * data.B.values / (1.380649e-23 * data["T"].values[:, None])
    L = np.asarray(brown.langevin(xi))
    np.testing.assert_allclose(data.boltzmann, L, atol=1e-10)
    with np.errstate(invalid="ignore"):
        square = np.where(xi > 0, 1 - 2 * L / xi, 1 / 3)
    np.testing.assert_allclose(data.boltzmann_squared, square, atol=1e-9)
    for name, exact in (("m", L), ("m_squared", square)):
        off = (data[name].values - exact) / data[f"{name}_error"].values
        assert np.sqrt(np.mean(off**2)) < 1.6


@pytest.mark.slow
def test_anisotropic_particles(tables):
    """⟨m_z²⟩ of particles with a barrier, KV/kT = 1, 2 and 4 at no field, within four standard errors.

    `brown.mean_cosine_squared` is Dawson's function, independent of the study's quadrature.
    """
    thermal = 1.380649e-23 * 300
    for sigma in (1.0, 2.0, 4.0):
        K = sigma * thermal / (np.pi / 6 * 125e-27)
        data = found(tables, K=f"{K} J/m3", temperatures=["300 K"], fields=["0 T"], duration="1 ns", replicas=400)
        exact = float(brown.mean_cosine_squared(sigma))
        assert float(data.boltzmann_squared[0, 0]) == pytest.approx(exact, rel=1e-9, abs=0)
        off = float(data.m_squared[0, 0]) - exact
        assert abs(off) < 4 * float(data.m_squared_error[0, 0])
