import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.constants import GAMMA, KB
from magjax.dynamics.langevin import langevin_term

MESH = mj.Mesh((3, 2, 1), (5e-9, 4e-9, 3e-9))


def film(**changes):
    return mj.System(MESH, **{"Ms": 8e5, "alpha": 0.1, "energy": mj.Zeeman(B=(0.1, 0, 0.3)), **changes})


@pytest.mark.parametrize(("form", "factor"), [("gilbert", 1.0), ("landau-lifshitz", 1 / 1.01)])
def test_strength_is_that_of_the_fluctuation_dissipation_theorem(form, factor):
    strength = mj.Langevin(T=300.0, form=form).strength(film().prepare(), 0.0)
    expected = 2 * 0.1 * KB * 300 / (GAMMA * 8e5 * MESH.cell_volume) * factor
    assert float(strength) ** 2 == pytest.approx(expected, rel=1e-12, abs=0)


def test_strength_follows_every_parameter_in_space():
    Ms = jnp.array([[[8e5, 0, 4e5], [1e5, 2e5, 3e5]]])
    alpha = jnp.linspace(0.1, 0.6, 6).reshape(1, 2, 3)
    T = lambda x, y, z: 1e10 * x  # noqa: E731
    strength = mj.Langevin(T=T).strength(film(Ms=Ms, alpha=alpha).prepare(), 0.0)
    x = MESH.centers()[0]
    variance = 2 * alpha * KB * 1e10 * x / (GAMMA * jnp.where(Ms > 0, Ms, jnp.inf) * MESH.cell_volume)
    assert np.allclose(strength[0] ** 2, variance, rtol=1e-12, atol=0)
    assert strength[0, 0, 0, 1] == 0


def test_strength_follows_temperature_in_time():
    prepared = film().prepare()
    heated = mj.Langevin(T=mj.drive.ramp(0.0, 1e-9, end=600.0))
    term = langevin_term(heated, prepared)
    assert term.strength is None
    half = heated.strength(prepared, 0.5e-9)
    full = heated.strength(prepared, 1e-9)
    assert float((half / full) ** 2) == pytest.approx(0.5, rel=1e-12, abs=0)


def test_torque_is_that_of_the_angular_velocity(rng):
    m = rng.normal(size=(3, 1, 2, 3))
    m, B = jnp.asarray(m / np.linalg.norm(m, axis=0)), jnp.asarray(rng.normal(size=m.shape))
    for form in ("gilbert", "landau-lifshitz"):
        dynamics = mj.Langevin(T=0.0, form=form)
        turned = jnp.cross(dynamics.angular_velocity(m, B, 2.0, 0.3), m, axis=0)
        assert np.allclose(turned, mj.LLG(form).torque(m, B, 2.0, 0.3), rtol=0, atol=1e-14)


@pytest.mark.slow
def test_no_temperature_has_a_finite_derivative():
    """√T has none at 0; the run without noise must have one all the same with respect to everything else."""
    m0 = mj.textures.uniform(MESH, (1, 0, 0))
    ms = jnp.array([[[8e5, 0, 4e5], [1e5, 2e5, 3e5]]])
    system = film(Ms=ms)

    def loss(system, T):
        return mj.evolve(system, m0, 5e-14, dynamics=mj.Langevin(T=T), dt=1e-14).average[-1, 2]

    gradient, by_T = jax.grad(loss, argnums=(0, 1), allow_int=True)(system, 0.0)
    assert np.isfinite(gradient.alpha)
    assert np.isfinite(by_T)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"T": -1.0}, r"Argument `T` must be ≥ 0.*kelvin"),
        ({"T": 300.0, "seed": 0.5}, r"Argument `seed` must be a whole number"),
        ({"T": 300.0, "replica": "a"}, r"Argument `replica` must be a whole number"),
        ({"T": 300.0, "form": "ito"}, r"Argument `form` must be"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        mj.Langevin(**arguments)


def test_a_coarse_step_is_told_with_the_right_one():
    m0 = mj.textures.uniform(MESH, (1, 0, 0))
    with pytest.warns(UserWarning, match=r"Argument `dt` = 5e-11 s turns spins .* Use dt ≤ \S+ s"):
        mj.evolve(film(), m0, 1e-10, dynamics=mj.Langevin(T=300.0), dt=5e-11)


def test_solvers_without_noise_are_refused():
    m0 = mj.textures.uniform(MESH, (1, 0, 0))
    with pytest.raises(ValueError, match="Argument `solver` must know noise"):
        mj.evolve(film(), m0, 1e-12, dynamics=mj.Langevin(T=300.0), dt=1e-14, solver=mj.solvers.RK43())


@pytest.mark.parametrize("given", [{"seed": -1}, {"seed": 2**32}, {"replica": 2**40}])
def test_numbers_that_noise_would_confuse_are_refused(given):
    """2³² would be the noise of 0 again."""
    with pytest.raises(ValueError, match=r"must be from 0 to 2³² − 1"):
        mj.Langevin(T=300.0, **given)


@pytest.mark.parametrize("given", [{"seed": jnp.arange(3)}, {"replica": jnp.arange(6)}])
def test_several_seeds_are_several_runs(given):
    m0 = mj.textures.uniform(MESH, (1, 0, 0))
    with pytest.raises(ValueError, match=r"must be one number for each run.*jax.vmap"):
        mj.evolve(film(), m0, 1e-13, dynamics=mj.Langevin(T=300.0, **given), dt=1e-14)


@pytest.mark.parametrize(
    ("T", "message"),
    [
        (300.0 * mj.drive.sin(frequency=1e12), r"falls to -\d+\S* K at t = "),
        (mj.drive.ramp(0.0, 1e-12, start=300.0, end=-1.0), r"falls to -1 K at t = 1e-12 s"),
        (lambda x, y, z: 300 - 1e11 * x, r"falls to -\d+ K\."),
    ],
    ids=["sin", "ramp", "position"],
)
@pytest.mark.parametrize("dt", [None, 1e-14])
def test_temperatures_that_fall_below_zero_are_refused(T, message, dt):
    """They would be no noise at all, or NaN, and nobody would know why."""
    m0 = mj.textures.uniform(MESH, (1, 0, 0))
    with pytest.raises(ValueError, match=rf"Argument `T` must be ≥ 0 K everywhere at all times, but {message}"):
        mj.evolve(film(), m0, 1e-12, dynamics=mj.Langevin(T=T), dt=dt)


@pytest.mark.slow
def test_below_zero_there_is_no_noise_to_speak_of():
    """Where a temperature is traced, all that is left is a value that nobody takes for one."""
    prepared = film().prepare()
    strength = mj.Langevin(T=300.0 * mj.drive.cos(frequency=1e12)).strength
    assert np.isfinite(strength(prepared, 0.0)).all()
    assert np.isnan(strength(prepared, 0.5e-12)).any()
    assert np.all(mj.Langevin(T=0.0).strength(prepared, 0.0) == 0)
