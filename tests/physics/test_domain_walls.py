"""Domain walls at rest and in motion, in fields and in currents, against the theory of walls that move as a whole."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.analytic import domain_wall as theory

A, K, MS = 1e-11, 4e5, 8e5
WIDTH = float(theory.width(A, K))  # 5 nm
#: Strength of the hard axis, T; it thins a wall whose spins turn to it by at most an eighth.
BD = 0.3
ALPHA = 0.3
WIRE = mj.Mesh((360, 1, 1), 1e-9)


def wire(mesh: mj.Mesh, alpha: jax.Array | float = ALPHA, B: jax.Array | None = None) -> mj.System:
    """Easy axis z, hard axis x along the wire: the spins of a wall at rest point along y."""
    anisotropy = mj.UniaxialAnisotropy(K=K, axis=(0, 0, 1)) + mj.UniaxialAnisotropy(K=-MS * BD / 2, axis=(1, 0, 0))
    system = mj.System(mesh, Ms=MS, alpha=alpha, energy=mj.Exchange(A=A) + anisotropy)
    return system if B is None else system + mj.Zeeman(B=B)


@pytest.mark.slow
def test_width_and_energy_of_a_wall_at_rest() -> None:
    """A wall that is left to itself becomes √(A/K) wide and costs 4√(AK), from a start that is twice as wide.

    Layout: 160 cells of 0.5 nm, d = Δ/10. The six-neighbour stencil makes the wall steeper in its middle by less than
    (d/Δ)²/4, and cheaper by less than (d/Δ)²/10. The torque left, 1e-6 μ0Ms of 1 T, counts for nothing.
    """
    mesh = mj.Mesh((160, 1, 1), (0.5e-9, 4e-9, 3e-9))
    state = mj.minimize(wire(mesh), mj.textures.domain_wall(mesh, width=2 * WIDTH, position=41.3e-9))
    assert state.result.succeeded
    found = mj.observe.Wall()(0.0, state.m, wire(mesh))
    assert float(found["width"]) == pytest.approx(WIDTH, rel=2.5e-3, abs=0)
    assert abs(float(found["angle"])) == pytest.approx(np.pi / 2, abs=1e-6)
    uniform = wire(mesh).total_energy(mj.textures.uniform(mesh, "z"))
    per_area = float(state.energy - uniform) / 12e-18
    assert per_area == pytest.approx(float(theory.energy(A, K)), rel=1e-3, abs=0)


#: What drives each wall: field and its slope, drift velocity and β; damping; duration of 1 ns for all.
DRIVES = {
    "half the Walker field": {"B": 0.5 * ALPHA * BD / 2},
    "four fifths of it": {"B": 0.8 * ALPHA * BD / 2},
    "twice of it": {"B": 2.0 * ALPHA * BD / 2},
    "slow current": {"u": 60.0, "beta": 0.06},
    "fast current": {"u": 330.0, "beta": 0.06},
    "as dissipative as damping": {"u": 80.0, "beta": ALPHA},
    "pinned": {"slope": 2e6, "alpha": 0.0, "tilt": 0.05},
}
T = np.linspace(0, 1e-9, 101)[1:]


@pytest.fixture(scope="module")
def motions() -> dict[str, dict[str, np.ndarray]]:
    """Position, width and angle of the wall of each drive along time: all in one program."""
    x = WIRE.centers()[0][None]
    middle = 60.5e-9

    @jax.jit
    @jax.vmap
    def motion(B, slope, u, beta, alpha, tilt):
        field = jnp.concatenate([0 * x, 0 * x, B - slope * (x - middle)])
        system = wire(WIRE, alpha, field) + mj.ZhangLi(u=jnp.stack([u, 0 * u, 0 * u]), beta=beta)
        m = mj.textures.domain_wall(WIRE, width=WIDTH, position=middle)
        turned = jnp.stack([jnp.cos(tilt) * m[0] - jnp.sin(tilt) * m[1], jnp.sin(tilt) * m[0] + jnp.cos(tilt) * m[1]])
        m = jnp.concatenate([turned, m[2:]])
        run = mj.evolve(system, m, T[-1], save_at=T, observe={"wall": mj.observe.Wall()}, adjoint="forward")
        return run.observed["wall"], run.outcome

    rows = [
        [given.get(key, ALPHA if key == "alpha" else 0.0) for key in ("B", "slope", "u", "beta", "alpha", "tilt")]
        for given in DRIVES.values()
    ]
    walls, outcome = motion(*map(jnp.asarray, np.array(rows).T))
    assert not np.any(outcome)
    return {name: {key: np.asarray(v[i]) for key, v in walls.items()} for i, name in enumerate(DRIVES)}


def end_velocity(wall: dict[str, np.ndarray]) -> float:
    """Velocity over the last 0.2 ns, m/s."""
    return float(np.polyfit(T[-20:], wall["position"][-20:], 1)[0])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["half the Walker field", "four fifths of it"])
def test_walker_velocity(motions, name) -> None:
    """Below the Walker field a wall moves at γΔB/α, and is thinner the faster it is: exact in the continuum.

    Transients die as exp(−αγB_d cos 2φ t): by 1e-3 after 0.8 ns at four fifths. Cells of Δ/5 make
    the wall steeper, and slower, by less than (d/Δ)²/4 = 1 %.
    """
    B = DRIVES[name]["B"]
    expected = float(theory.walker_velocity(B, A, K, alpha=ALPHA, Bd=BD, Ms=MS))
    assert end_velocity(motions[name]) == pytest.approx(expected, rel=1e-2, abs=0)
    phi = float(theory.steady_angle(B, ALPHA, BD))
    assert motions[name]["width"][-1] == pytest.approx(
        np.sqrt(A / (K + MS * BD / 2 * np.sin(phi) ** 2)), rel=1e-2, abs=0
    )


def test_breakdown(motions) -> None:
    """Above the Walker field the spins turn round and round, at γ√(B² − B_W²)/(1+α²) on average.

    Over half turns, of which there are several in 1 ns; the width, which breathes by a tenth, does not enter the rate.
    """
    wall = motions["twice of it"]
    angle = np.unwrap(wall["angle"])
    half_turns = np.abs(angle - angle[0]) / np.pi
    whole = np.interp([0, np.floor(half_turns[-1])], half_turns, T)
    rate = np.pi * np.floor(half_turns[-1]) / (whole[1] - whole[0])
    B, limit = DRIVES["twice of it"]["B"], float(theory.walker_field(ALPHA, BD))
    assert half_turns[-1] > 1
    assert rate == pytest.approx(mj.constants.GAMMA * np.sqrt(B**2 - limit**2) / (1 + ALPHA**2), rel=0.01, abs=0)
    assert np.max(np.abs(motions["four fifths of it"]["angle"] - np.pi / 2)) < np.pi / 4 + 0.02


def test_current_below_breakdown(motions) -> None:
    """A current moves a wall at βu/α; central differences make u smaller by (d/Δ)²/… : less than 1 %."""
    expected = float(theory.velocity(u=60.0, beta=0.06, alpha=ALPHA, Bd=BD, width=WIDTH))
    assert expected == pytest.approx(12.0, rel=1e-9, abs=0)
    assert end_velocity(motions["slow current"]) == pytest.approx(expected, rel=0.02, abs=0)


def test_current_above_breakdown(motions) -> None:
    """Far above its breakdown a wall goes almost with the electrons.

    The mean over whole half turns. The theory takes the width as constant; it breathes by a tenth.
    """
    wall = motions["fast current"]
    assert float(theory.breakdown_drift(ALPHA, 0.06, BD, WIDTH)) < 200
    angle = np.unwrap(wall["angle"])
    half_turns = np.abs(angle - angle[0]) / np.pi
    count = np.floor(half_turns[-1])
    assert count >= 1
    t1, t2 = np.interp([0, count], half_turns, T)
    q1, q2 = np.interp([t1, t2], T, wall["position"])
    expected = float(theory.velocity(u=330.0, beta=0.06, alpha=ALPHA, Bd=BD, width=WIDTH))
    assert (q2 - q1) / (t2 - t1) == pytest.approx(expected, rel=0.02, abs=0)


def test_equal_dissipation(motions) -> None:
    """β = α: the wall drifts at u from the first moment on, without turning or changing its shape.

    Central differences of a wall of five cells: less than 1 % of u, and a turn of as much.
    """
    wall = motions["as dissipative as damping"]
    assert wall["position"] - 60.5e-9 == pytest.approx(80.0 * T, rel=0.01, abs=0.01e-9)
    assert np.max(np.abs(wall["angle"] - wall["angle"][0])) < 0.01
    assert np.ptp(wall["width"]) < 0.02e-9


def test_doring_mass(motions) -> None:
    """A wall pinned by a field gradient B′ oscillates like a mass of 2Ms/(γ²ΔB_d) on a spring of 2MsB′ per area.

    Layout: the wall starts turned by 0.05 rad, without damping. The gradient narrows the wall by about MsB′Δ/4K, half
    a per cent, and a turn of 0.05 rad is harmonic to 1e-3.
    """
    q = motions["pinned"]["position"] - 60.5e-9
    stiffness = 2 * MS * DRIVES["pinned"]["slope"]
    expected = np.sqrt(stiffness / float(theory.mass(BD, WIDTH, MS)))
    trial = expected * np.linspace(0.9, 1.1, 401)
    left = [np.linalg.lstsq(np.stack([np.sin(w * T), np.cos(w * T)], 1), q, rcond=None)[1][0] for w in trial]
    omega = trial[int(np.argmin(left))]
    assert min(left) < 1e-4 * np.sum(q**2)
    assert stiffness / omega**2 == pytest.approx(float(theory.mass(BD, WIDTH, MS)), rel=0.02, abs=0)
