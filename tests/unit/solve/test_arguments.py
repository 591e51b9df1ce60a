"""What cannot be meant is refused before anything is traced, by a line that names it."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.solve.arguments import magnetic_system, stepping, watching
from magjax.solve.single import number_of_steps, single

MESH = mj.Mesh((3, 2, 1), (2e-9, 3e-9, 4e-9))
UP = mj.textures.uniform(MESH, "z")
NAN = float("nan")


@pytest.fixture(scope="module")
def film() -> mj.System:
    return mj.System(MESH, Ms=8e5, alpha=0.1, energy=mj.Exchange(A=1.3e-11) + mj.Zeeman(B=(0, 0, 0.1)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dt": "abc"}, "`dt` must be a time > 0 in s, but got 'abc'; units are for configurations"),
        ({"dt": np.inf}, "`dt` must be a time > 0 in s, but got inf"),
        ({"dt": [1e-13, 1e-13]}, r"`dt` must be a time > 0 in s, but got \[1e-13, 1e-13\]"),
        ({"dt": 1e-13j}, "`dt` must be a time > 0 in s"),
        ({"t0": NAN}, "`t0` must be a time in s, but got nan"),
        ({"t0": [0.0, 1.0]}, "`t0` must be a time in s"),
        ({"tolerance": "tight"}, "`tolerance` must be an angle > 0 in rad, but got 'tight'"),
        ({"tolerance": np.inf}, "`tolerance` must be an angle > 0 in rad"),
        ({"tolerance": None}, "`tolerance` must be an angle > 0 in rad, but got None"),
        ({"dynamics": "LLG"}, r"`dynamics` must be an equation of motion, such as `mj.LLG\(\)`, but got 'LLG'"),
        ({"dynamics": mj.LLG}, r"`dynamics` .* got the class `LLG`: write `LLG\(…\)`"),
        ({"dynamics": None}, "`dynamics` must be an equation of motion"),
        ({"solver": "RK43"}, r"`solver` must be a solver, such as `mj.solvers.RK43\(\)`, or `None`, but got 'RK43'"),
        ({"solver": mj.solvers.RK43}, r"`solver` .* got the class `RK43`"),
        ({"stop": 1e-5}, r"`stop` must be a stop condition, but got 1e-05; such as mj.stop.torque"),
        ({"stop": lambda t, m, system: True}, r"`stop` .* a function; `mj.stop.when\(…\)` makes one of a function"),
        ({"observe": [mj.observe.average]}, "`observe` must be a dictionary of functions"),
        ({"observe": {"m": None}}, "`observe` must hold functions .* got None by the name 'm'"),
        ({"observe": {3: mj.observe.average}}, "`observe` must hold functions .* by the name 3"),
        ({"adjoint": "backward"}, "`adjoint` must be one of 'checkpointed', 'forward', 'bounded', but got 'backward'"),
        ({"max_steps": 0}, "`max_steps` must be a number of steps > 0, but got 0"),
        ({"max_steps": 2.5}, "`max_steps` must be a whole number of steps > 0, but got 2.5"),
        ({"max_steps": "many"}, "`max_steps` must be a number of steps > 0, but got 'many'"),
        ({"duration": "1 ns"}, "`duration` must be a time > 0 in s, but got '1 ns'; units are for configurations"),
        ({"duration": None}, "`duration` must be a time > 0 in s, but got None"),
        ({"duration": True}, "`duration` must be a time > 0 in s, but got True"),
        ({"duration": np.array([1e-12, 2e-12])}, "`duration` must be a time > 0 in s"),
        ({"save_every": "5 ps"}, "`save_every` must be a time > 0 in s, but got '5 ps'"),
        ({"save_every": 1e-25}, "`save_every` must make at most 10,000,000 saves, but got 1e-25 s in 1e-12 s"),
        ({"save_at": "abc"}, "`save_at` must be a list of times in s, but got 'abc'"),
        ({"save_at": [[1e-13], [1e-13, 1e-12]]}, "`save_at` must be a list of times in s"),
        ({"save_at": [5e-13, 2e-13, 1e-12]}, "`save_at` must hold increasing .* got 5e-13 s followed by 2e-13 s"),
        ({"save_at": [5e-13, 5e-13, 1e-12]}, "`save_at` must hold increasing .* got 5e-13 s followed by 5e-13 s"),
        ({"save_at": [5e-13, NAN]}, "`save_at` must hold increasing .* got 5e-13 s followed by nan s"),
        ({"save_at": [0.0, 1e-12]}, "`save_at` must hold increasing .* got 0 s at first; the start is no save"),
        ({"m0": "x"}, r"`m0` must be an array of real vectors, such as `mj.textures.uniform\(mesh, 'x'\)`.* got 'x'"),
        ({"m0": None}, "`m0` must be an array of real vectors.* got None"),
        ({"m0": 1j * UP}, "`m0` must be an array of real vectors.* got numbers of type complex128"),
        ({"m0": lambda x, y, z: (1, 0, 0)}, "`m0` must be an array of real vectors.* got a function"),
        ({"system": mj.Exchange(A=1e-11)}, "`system` must be a `System` or `Sublattices`, but got a Exchange"),
        ({"system": mj.System}, r"`system` must .* got the class `System`: write `System\(…\)`"),
    ],
)
def test_evolve(film, arguments, message):
    given = {"system": film, "m0": UP, "duration": 1e-12} | arguments
    with pytest.raises((TypeError, ValueError), match=f"^Argument {message}"):
        mj.evolve(**given)


@pytest.mark.parametrize("solve", [mj.minimize, mj.relax])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tolerance": "tight"}, "`tolerance` must be a torque > 0 in T, but got 'tight'"),
        ({"tolerance": np.inf}, "`tolerance` must be a torque > 0 in T"),
        ({"max_steps": "many"}, "`max_steps` must be a number of steps > 0"),
        ({"max_steps": 2.5}, "`max_steps` must be a whole number of steps > 0"),
        ({"t": NAN}, "`t` must be a time in s, but got nan"),
        ({"t": "now"}, "`t` must be a time in s, but got 'now'"),
    ],
)
def test_equilibria(film, solve, arguments, message):
    with pytest.raises((TypeError, ValueError), match=f"^Argument {message}"):
        solve(film, UP, **arguments)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: mj.stop.torque(below="1 uT"), "`below` must be a torque > 0 in T, but got '1 uT'"),
        (lambda: mj.stop.energy(below="abc"), "`below` must be an energy in J, but got 'abc'"),
        (lambda: mj.stop.energy(below=NAN), "`below` must be an energy in J, but got nan"),
        (lambda: mj.stop.when("m_x < 0"), "`condition` must be a function of t, m and system, but got 'm_x < 0'"),
    ],
)
def test_stop_conditions(make, message):
    with pytest.raises((TypeError, ValueError), match=f"^Argument {message}"):
        make()


def test_stop_conditions_join_their_like_only():
    wrong: Any = 3
    with pytest.raises(TypeError, match="unsupported operand"):
        _ = mj.stop.torque(below=1e-3) | wrong


def test_a_condition_with_a_field_of_answers_is_told_how_to_reduce_it(film):
    with pytest.raises(ValueError, match=r"`condition` must give a single true or false, .* reduce it by `.any\(\)`"):
        mj.evolve(film, UP, 1e-12, stop=mj.stop.when(lambda t, m, system: m[0] < 0))


def test_fields_of_a_loop_that_are_no_numbers(film):
    with pytest.raises(TypeError, match=r"`fields` must hold vectors in T, shape \(n, 3\), but got 'z'"):
        mj.hysteresis(film, UP, "z")


def test_numbers_of_any_kind_pass():
    for value in (1, 1.0, np.float32(1), np.array(1.0), jnp.ones(()), np.int64(1)):
        single("dt", value, "a time > 0 in s", above=0)
    jax.eval_shape(lambda x: single("dt", x, "a time") or x, 1.0)  # what is traced cannot be looked at
    assert number_of_steps(1e3) == 1000
    assert number_of_steps(10**12) == 2**31 - 1
    with pytest.raises(ValueError, match="must be a time ≥ 0, but got -1"):
        single("dt", -1, "a time ≥ 0", minimum=0)


def test_good_ones_pass(film):
    magnetic_system(film)
    stepping(tolerance=1e-5, dt=None, t0=0, dynamics=mj.LLG(), solver=None)
    assert watching(None, None) == {}
