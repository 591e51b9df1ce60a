import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.numerics.sphere import cross, dot
from magjax.torque.base import Torques

MESH = mj.Mesh((3, 2, 2), (2e-9, 3e-9, 4e-9))
TERMS = {
    "zhang_li": mj.ZhangLi(u=(50.0, -20.0, 10.0), beta=0.3),
    "slonczewski": mj.Slonczewski(
        j=3e11, p=(1, 2, 0), P=0.6, Lambda=1.5, epsilon_prime=0.1, thickness=2e-9, fixed="bottom"
    ),
    "spin_orbit": mj.SpinOrbit(j=1e12, p="-y", theta_SH=0.2, theta_FL=-0.05, thickness=1e-9),
}


def random_state(rng: np.random.Generator, mesh: mj.Mesh = MESH) -> jax.Array:
    """Independent directions."""
    m = rng.normal(size=(3, *mesh.shape))
    return jnp.asarray(m / np.linalg.norm(m, axis=0))


def motion(system: mj.System, m: jax.Array, t: float = 0.0) -> jax.Array:
    """dm/dt in 1/s."""
    prepared = system.prepare(m.dtype).starting_at(t)
    return mj.dynamics.SpinTerm(mj.LLG()).vf(jnp.zeros((), m.dtype), m, prepared)


def gilbert(m: jax.Array, torque: jax.Array, alpha: float) -> jax.Array:
    """dm/dt of dm/dt = α m×dm/dt + τ."""
    return (torque + alpha * cross(m, torque)) / (1 + alpha**2)


@pytest.mark.slow
@pytest.mark.parametrize("name", TERMS)
def test_torques_are_perpendicular_and_follow_the_precision(name: str, rng, dtype) -> None:
    m = random_state(rng).astype(dtype)
    rate = motion(mj.System(MESH, Ms=8e5, alpha=0.1) + TERMS[name], m)
    assert rate.dtype == dtype
    # Rounding of two cross products, relative to the torque.
    assert float(jnp.abs(dot(m, rate)).max()) < 10 * jnp.finfo(dtype).eps * float(jnp.abs(rate).max())


@pytest.mark.slow
@pytest.mark.parametrize("name", TERMS)
def test_every_number_is_a_leaf_with_a_gradient(name: str, rng) -> None:
    """Derivatives of dm/dt against central differences; those of linear parameters are exact but for rounding."""
    m, weight = random_state(rng), jnp.asarray(rng.normal(size=(3, *MESH.shape)))
    system = mj.System(MESH, Ms=8e5, alpha=0.1) + TERMS[name]

    def loss(s: mj.System) -> jax.Array:
        return jnp.sum(weight * motion(s, m)) * 1e-9

    moving, rest = jax.tree_util.tree_flatten(system.torques)
    slopes = jax.tree_util.tree_leaves(mj.grad(loss)(system).torques)
    assert len(slopes) == len(moving) > 1
    for i, (leaf, slope) in enumerate(zip(moving, slopes, strict=True)):
        step = 1e-5 * float(jnp.abs(leaf).max())

        def at(value: jax.Array, i: int = i) -> jax.Array:
            torques = jax.tree_util.tree_unflatten(rest, [*moving[:i], value, *moving[i + 1 :]])
            return loss(mj.System(MESH, Ms=8e5, alpha=0.1) + torques)

        first = (0,) * leaf.ndim
        difference = (at(leaf.at[first].add(step)) - at(leaf.at[first].add(-step))) / (2 * step)
        scale = abs(float(loss(system))) / float(jnp.abs(leaf).max())
        assert float(slope[first]) == pytest.approx(float(difference), rel=1e-6, abs=1e-6 * scale)


def test_sum_of_torques(rng) -> None:
    """A sum, joined at once or one after the other, does what its parts do; so does `Torques` prepared by itself."""
    m, bare = random_state(rng), mj.System(MESH, Ms=8e5, alpha=0.1)
    total = sum(TERMS.values())
    assert isinstance(total, Torques)
    assert total.names == tuple(TERMS)
    assert [*total] == [*TERMS.values()]
    parts = sum(motion(bare + term, m) for term in TERMS.values())
    one_by_one = bare
    for term in TERMS.values():
        one_by_one = one_by_one + term
    for system in (bare + total, one_by_one):
        assert np.allclose(motion(system, m), parts, rtol=1e-12, atol=1e-3)
    field = total.prepare((bare + total).sample())
    assert np.allclose(field(m), (bare + total).prepare().local_field(0.0, m), rtol=1e-12, atol=1e-15)
    assert float(field.bound()) > 0
    assert (bare + TERMS["zhang_li"] + TERMS["zhang_li"]).torques.names == ("zhang_li", "zhang_li_2")


def test_torques_are_seen_and_found() -> None:
    system = mj.System(MESH, Ms=8e5) + TERMS["spin_orbit"] + TERMS["slonczewski"]
    assert "spin_orbit" in repr(system)
    assert "fixed = bottom" in repr(system)
    assert system["slonczewski"].fixed == "bottom"
    assert "the term spin_orbit" in system.numbers
    assert system.has_torques
    assert not mj.System(MESH, Ms=8e5).has_torques
    with pytest.raises(KeyError, match="zhang_li"):
        system["zhang_li"]


def test_equilibria_are_those_of_energies() -> None:
    """A minimiser that ignored a current would return what is no equilibrium."""
    system = mj.System(MESH, Ms=8e5, energy=mj.Zeeman(B=(0, 0, 1))) + TERMS["spin_orbit"]
    for solve in (mj.minimize, mj.relax):
        with pytest.raises(ValueError, match="must have no torques"):
            solve(system, mj.textures.uniform(MESH, "x"))


def test_bounds_hold(rng) -> None:
    """|b(m) − b(m′)| ≤ bound·|m − m′| over the whole field, for small differences."""
    m = random_state(rng)
    other = m + 1e-6 * jnp.asarray(rng.normal(size=m.shape))
    for term in TERMS.values():
        system = mj.System(MESH, Ms=8e5) + term
        prepared = system.prepare()
        change = cross(m, prepared.local_field(0.0, other) - prepared.local_field(0.0, m))
        assert jnp.linalg.norm(change) <= 3 * prepared.local_bound() * jnp.linalg.norm(other - m)


@pytest.mark.slow
def test_sublattices_take_torques(rng) -> None:
    """A current in one sublattice turns its spins and no others."""
    one = mj.System(MESH, Ms=8e5, alpha=0.1)
    pair = mj.Sublattices({"a": one + TERMS["zhang_li"], "b": one})
    m = jnp.stack([random_state(rng), random_state(rng)])
    prepared = pair.prepare()
    rate = mj.dynamics.SpinTerm(mj.LLG()).vf(jnp.zeros(()), m, prepared)
    assert np.allclose(rate[0], motion(one + TERMS["zhang_li"], m[0]), rtol=1e-12, atol=1e-3)
    assert not np.any(rate[1])
    assert pair.has_torques
