import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax.kinetics import (
    arrhenius,
    barriers,
    brown_rate,
    ensemble_magnetization,
    kramers,
    langer_rate,
    logarithmic_viscosity,
    meyer_neldel_time,
    remaining,
    tangent_hessian,
    transition_state_rate,
    viscosity,
)
from magjax.kinetics.barriers.base import gauss_legendre

EVERY = {
    "normal": barriers.Normal(1e-20, 2e-20),
    "log-normal": barriers.LogNormal(1e-19, 0.5),
    "uniform": barriers.Uniform(1e-20, 1.7e-19),
    "gamma": barriers.Gamma(3.0, 4e-20),
    "steep": barriers.Gamma(0.3, 1e-19),
    "narrow": barriers.Gamma(500.0, 2e-22),
    "lorentzian": barriers.Lorentzian(1e-19, 1e-20, highest=3e-19, lowest=2e-20),
    "tabulated": barriers.Tabulated((0.0, 1e-19, 2e-19), (0.0, 3.0, 1.0)),
    "mixture": barriers.Mixture((barriers.Normal(5e-20, 5e-21), barriers.Gamma(3.0, 4e-20)), (1.0, 2.0)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
def test_a_distribution_is_normalised_and_consistent(name, key):
    """Weights add up to 1 to rounding; mean, survival and density are those of the nodes and of the sample."""
    distribution = EVERY[name]
    assert isinstance(distribution, barriers.AbstractBarriers)
    E, weights = distribution.nodes()
    assert float(weights.sum()) == pytest.approx(1, rel=0, abs=1e-12)
    assert float(E @ weights) == pytest.approx(float(distribution.mean()), rel=1e-12, abs=0)
    at = distribution.mean() * jnp.array([0.7, 1.0, 1.3])
    split, weights = distribution.nodes(at)
    above = ((split[None] > at[:, None]) * weights[None]).sum(1)
    np.testing.assert_allclose(distribution.survival(at), above, atol=1e-11)
    h = 1e-6 * distribution.mean()
    slope = -(distribution.survival(at + h) - distribution.survival(at - h)) / (2 * h)
    np.testing.assert_allclose(distribution.density(at), slope, rtol=1e-5, atol=1e-9 / float(distribution.mean()))
    assert float(distribution.density(-1e-21)) == 0
    drawn = np.asarray(distribution.sample(key, 4000))
    spread = np.sqrt(float(((E - distribution.mean()) ** 2) @ distribution.nodes()[1]))
    assert abs(drawn.mean() - float(distribution.mean())) < 4 * spread / np.sqrt(4000)
    assert (drawn >= 0).all()


def test_pieces_integrate_polynomials():
    x, dx = gauss_legendre(jnp.array([0.0, 0.5, 0.5, 2.0]))
    assert float((x**20) @ dx) == pytest.approx(2**21 / 21, rel=1e-13, abs=0)


@pytest.mark.slow
def test_any_density_as_a_table():
    law = barriers.tabulate(lambda E: 1 / E, 1e-20, 1e-19, points=4001)
    assert float(law.survival(jnp.sqrt(1e-39))) == pytest.approx(0.5, rel=0, abs=1e-5)
    batch = jax.vmap(lambda m: remaining(1.0, barriers.LogNormal(m, 0.5), 300.0))(jnp.array([5e-20, 1e-19]))
    assert batch.shape == (2,)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: barriers.Normal(1e-19, 0.0), "not normalisable"),
        (lambda: barriers.Normal(-1e-19, 1e-20), "`center` must be an energy in J"),
        (lambda: barriers.LogNormal(1e-19, -0.1), "`sigma` must be"),
        (lambda: barriers.Uniform(2e-19, 1e-19), "else the density is not normalisable"),
        (lambda: barriers.Uniform(0.0, np.inf), "`highest` must be finite"),
        (lambda: barriers.Uniform(-1e-20, 1e-19), "`lowest` must be an energy in J, ≥ 0"),
        (lambda: barriers.Gamma(0.0, 1e-19), "not normalisable"),
        (lambda: barriers.Lorentzian(1e-19, 0.0, 2e-19), "not normalisable"),
        (lambda: barriers.Tabulated((0.0, 1e-19), (0.0, 0.0)), "nothing but zeros"),
        (lambda: barriers.Tabulated((0.0, 1e-19), (1.0, -1.0)), "density ≥ 0"),
        (lambda: barriers.Tabulated((1e-19, 0.0), (1.0, 1.0)), "rising energies"),
        (lambda: barriers.Tabulated((0.0, 1e-19), (1.0,)), "a density for each"),
        (lambda: barriers.tabulate(lambda E: 1 / E, 0.0, 1e-19), r"normalisable, but got inf at 0 J\. Does it diverge"),
        (lambda: barriers.tabulate(lambda E: E, 0.0, np.inf), "finite energies"),
        (lambda: barriers.Mixture((EVERY["gamma"],), (0.0,)), "nothing but zeros"),
        (lambda: barriers.Mixture((EVERY["gamma"],), (1.0, 2.0)), "one number for each of 1"),
        (lambda: remaining(-1.0, EVERY["gamma"], 300.0), "Time does not go backwards"),
        (lambda: remaining(1.0, EVERY["gamma"], -300.0), "`T` must be a temperature"),
        (lambda: viscosity(1.0, EVERY["gamma"], (300.0, 200.0), 8e5), "one temperature"),
        (lambda: remaining(1.0, EVERY["gamma"], 300.0, tau0=1.0), r"Did you mean ns"),
        (lambda: logarithmic_viscosity(0.0, EVERY["gamma"], 300.0, 8e5), "`t` must be a time"),
        (lambda: ensemble_magnetization((1.0,), (-1e-19,), (1.0,), 300.0, 8e5), "`E` must be barriers in J"),
        (lambda: arrhenius(1e-19, 300.0, prefactor=0.0), "Did you give the time τ0"),
        (lambda: brown_rate(1e-19, 300.0, 1e-18, alpha=0.0), "no heat bath"),
        (lambda: kramers(1e-19, 300.0, 1e9, 1e9, friction=-1.0), "`friction` must be"),
        (lambda: meyer_neldel_time(1e-9, 1e-19, -1.0), "`T_iso` must be a temperature"),
        (lambda: tangent_hessian(jnp.sum, (0.0, 0.0, 1.0)), r"shape \(N, 3\)"),
        (lambda: langer_rate(np.eye(2), np.eye(2), 0.0, 300.0, 1e-18, 0.1), "must fall in one direction, but the"),
        (lambda: langer_rate(-np.eye(2), np.eye(2), 0.0, 300.0, 1e-18, 0.1), "must fall in no direction"),
        (lambda: transition_state_rate(np.eye(3), np.eye(3), 0.0, 300.0, 1e-18), r"Hessian of shape \(2N, 2N\)"),
        (
            lambda: transition_state_rate(np.eye(4), np.diag([-1.0, 1.0]), 0.0, 300.0, 1e-18),
            "as many angles as `minimum`",
        ),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()
