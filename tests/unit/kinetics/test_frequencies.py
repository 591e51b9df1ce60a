import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax.kinetics.frequencies import (
    AbstractDensity,
    AbstractFrequencies,
    Discrete,
    Gaussian,
    Lorentzian,
    Mixture,
    Rectangular,
    Tabulated,
    equidistant,
    tabulate,
)

DENSITIES = {
    "rectangular": Rectangular(3.0, 0.5),
    "gaussian": Gaussian(3.0, 0.5),
    "lorentzian": Lorentzian(3.0, 0.5),
    "tabulated": Tabulated((2.0, 2.5, 3.5, 4.0), (1.0, 3.0, 0.5, 0.0)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DENSITIES)
def test_density_is_normalised_and_its_transform_is_the_characteristic_function(name) -> None:
    """Trapezoidal sums over 2e6 points; the Lorentzian's tails beyond ±2e4 Γ hold 3e-5, and rectangles have corners."""
    p = DENSITIES[name]
    assert isinstance(p, AbstractDensity)
    reach = 1e4 if name == "lorentzian" else 5.0
    omega = np.linspace(3 - reach, 3 + reach, 2_000_001)
    density = np.asarray(p.density(omega))
    assert np.trapezoid(density, omega) == pytest.approx(1, abs=5e-5)
    chi = np.trapezoid(density * np.exp(0.7j * omega), omega)
    assert complex(p.characteristic(0.7)) == pytest.approx(chi, abs=5e-5)


@pytest.mark.slow
def test_nodes_and_samples_have_the_mean_and_the_right_dtype(dtype) -> None:
    tight = {"rectangular": 1e-6, "gaussian": 1e-6, "lorentzian": 1e-4, "tabulated": 1e-6}
    for name, allowed in tight.items():
        p = jax.tree.map(lambda x: x.astype(dtype), DENSITIES[name])
        omega, weights = p.nodes(40)
        assert omega.dtype == weights.dtype == dtype, name
        assert float(weights.sum()) == pytest.approx(1, abs=1e-6)
        assert float(omega @ weights) == pytest.approx(float(p.mean()), abs=allowed)
        chi = p.characteristic(jnp.asarray(1.0, dtype))
        assert chi.dtype == np.result_type(dtype, np.complex64)
    for p in (DENSITIES["tabulated"], Mixture([Gaussian(1.0, 0.1), Discrete((2.0, 3.0))], (1, 3))):
        drawn = p.sample(jax.random.key(1), 20_000)
        assert float(drawn.mean()) == pytest.approx(float(p.mean()), abs=5 * float(drawn.std()) / np.sqrt(20_000))


def test_equidistant_and_mixture() -> None:
    lines = equidistant(10.0, 2.0, 4)
    assert isinstance(lines, AbstractFrequencies)
    np.testing.assert_allclose(lines.omega, [7, 9, 11, 13])
    both = Mixture([lines, Gaussian(0.0, 1.0)], weights=(1, 3))
    expected = lines.characteristic(0.3) / 4 + 3 * jnp.exp(-0.045) / 4
    np.testing.assert_allclose(both.characteristic(0.3), expected, rtol=1e-14)
    assert both.nodes(20)[0].shape == (14,)


@pytest.mark.slow
def test_derivatives_by_the_shape() -> None:
    """Of the real part of χ, by autodiff of closed forms against the sum over nodes; float64, analytic both."""
    times = jnp.asarray(0.8)

    def summed(p):
        omega, weights = p.nodes(64)
        return jnp.sum(weights * jnp.cos(omega * times))

    for name in ("rectangular", "gaussian", "tabulated"):
        p = DENSITIES[name]
        found = eqx.filter_grad(summed)(p)
        closed = eqx.filter_grad(lambda p: p.characteristic(times).real)(p)
        for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(closed), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-10, err_msg=name)
    widths = jax.vmap(lambda w: Gaussian(3.0, w).characteristic(1.0))(jnp.asarray([0.5, 1.0]))
    assert complex(widths[0]) == pytest.approx(complex(DENSITIES["gaussian"].characteristic(1.0)), abs=1e-14)


@pytest.mark.slow
def test_tabulate() -> None:
    """1001 points of a smooth density: straight lines err by h²/12 of its curvature, 1e-5."""
    p = tabulate(lambda w: 17 * jnp.exp(-((w - 3) ** 2) / 0.5), 0.0, 6.0)
    np.testing.assert_allclose(p.characteristic(0.7), DENSITIES["gaussian"].characteristic(0.7), atol=2e-5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Rectangular(1.0, 0.0), "`half_width` must be > 0"),
        (lambda: Gaussian(1.0, -1.0), "`sigma` must be > 0"),
        (lambda: Lorentzian(1.0, float("inf")), "`half_width` must be finite"),
        (lambda: Tabulated((0.0, 1.0), (0.0, 0.0)), "normalisable, but got nothing but zeros"),
        (lambda: Tabulated((0.0, 1.0), (1.0, -1.0)), "density ≥ 0"),
        (lambda: Tabulated((0.0, 1.0), (np.inf, 1.0)), "normalisable, but got inf at 0 rad/s"),
        (lambda: Tabulated((1.0, 0.0), (1.0, 1.0)), "rising"),
        (lambda: Tabulated((0.0, 1.0), (1.0, 1.0, 1.0)), "a density for each"),
        (lambda: tabulate(lambda w: 1 / w, 0.0, 1.0), "normalisable"),
        (lambda: tabulate(jnp.cos, 1.0, 0.0), "`low` and `high`"),
        (lambda: Discrete(()), "at least one frequency"),
        (lambda: Discrete((1.0, 2.0), (1.0,)), "one weight for each"),
        (lambda: Discrete((1.0, 2.0), (0.0, 0.0)), "normalisable"),
        (lambda: equidistant(1.0, 0.0, 3), "`spacing` must be > 0"),
        (lambda: equidistant(1.0, 1.0, 0), "number of spins ≥ 1"),
        (lambda: Mixture([]), "at least one distribution"),
        (lambda: Mixture([Gaussian(1.0, 1.0)], (-1.0,)), "`weights` must be ≥ 0"),
        (lambda: Mixture([Gaussian(1.0, 1.0)], (1.0, 1.0)), "one weight for each"),
        (lambda: Gaussian(1.0, 1.0).nodes(0), "number of spins ≥ 1"),
    ],
)
def test_slips_are_named(make, message) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_a_mixture_takes_distributions_only() -> None:
    with pytest.raises(TypeError, match="distributions of frequencies"):
        Mixture([3.0])  # type: ignore[list-item]
