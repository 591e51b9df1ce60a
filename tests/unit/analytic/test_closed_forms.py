"""Every closed form: it keeps the precision of its arguments, and its derivatives are those of differences."""

import inspect
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

import magjax.analytic as analytic

B_EA = (500.0, 0.4)
"""Exchange and anisotropy field of an antiferromagnet, T."""
WALL = {"alpha": 0.05, "Bd": 0.1, "width": 2e-8}
FILM = {"A": 1.3e-11, "Ms": 8e5, "thickness": 2e-8, "B": 0.3, "K": 1e4}
PAIR = {"Ms": (4e5, 7e5), "gamma": (1.8e11, 2.1e11)}
BODY = {"K": 1e5, "Ms": 8e5, "alpha": 0.1}
SWEEP = {"rate": 2e3, "H0": 8e5, "xi": 50.0, "tau0": 1e-9, "m": 1.6}
STEP = 6e-6
"""Of differences, relative: the cube root of rounding."""
THIELE = {"alpha": 0.2, "beta": 0.3, "Q": -1.0, "D": 1.7}

# Arguments well inside each form's range; whole numbers are counts and stay as they are.
CASES: dict[str, tuple[tuple, dict[str, Any]]] = {
    "antiferromagnet.canting": ((2.0, *B_EA), {}),
    "antiferromagnet.dispersion": ((1e15,), {"B_E": 500.0, "B_A": 0.4, "Ms": 4e5, "A": 1e-11, "A_ab": -2e-12}),
    "antiferromagnet.dmi_canting": ((-3e6, 2e5), {}),
    "antiferromagnet.instability_field": (B_EA, {}),
    "antiferromagnet.resonance": ((*B_EA, 3.0), {}),
    "antiferromagnet.resonance_seed": (B_EA, {}),
    "antiferromagnet.spin_flip_field": (B_EA, {}),
    "antiferromagnet.spin_flop_angle": ((100.0, *B_EA), {}),
    "antiferromagnet.spin_flop_field": (B_EA, {}),
    "antiferromagnet.spin_flop_limit": (B_EA, {}),
    "antiferromagnet.wall_contraction": ((2e3, 3e4), {}),
    "antiferromagnet.wall_velocity": ((0.1, 0.01, 1e-8, 3e4), {}),
    "antiferromagnet.wall_width": ((1e-11, 1e5, -2e-12), {}),
    "antiferromagnet.wave_velocity": ((500.0, 4e5, 1e-11, -2e-12), {}),
    "brown.dawson": ((0.7,), {}),
    "brown.escape_rate": (((20.0, 30.0), (-8.0, 10.0), 10.0, 0.5), {}),
    "brown.free_decay": ((1e-9, 2e-9, 2), {}),
    "brown.high_barrier_rate": ((8.0, 0.2), {}),
    "brown.kramers_rate": ((64.0, -32.0, 8.0, 1e9), {}),
    "brown.langevin": ((1.7,), {}),
    "brown.low_barrier_rate": ((0.3,), {}),
    "brown.mean_cosine": ((3.0, 1.5), {}),
    "brown.mean_cosine_squared": ((3.0,), {}),
    "cloning.cnot_copy_fidelity": ((0.7,), {}),
    "cloning.cnot_joint_fidelity": ((0.7, 0.3), {}),
    "damping_forms.decay_time_gilbert": ((0.5, 1.8e11, 1e-7, 8e5), {}),
    "damping_forms.decay_time_landau_lifshitz": ((0.5, 1.7e4, 8e5), {}),
    "damping_forms.decay_time_seed": ((0.5, 1.8e11, 1e-7, 8e5), {}),
    "damping_forms.gilbert_from_landau_lifshitz": ((1.7e11, 1.7e4, 8e5), {}),
    "dephasing.gaussian": ((1e-10, 1e10, 2e9), {}),
    "dephasing.hahn_amplitude": ((1.3, 2.9), {}),
    "dephasing.lorentzian": ((1e-10, 1e10, 2e9), {}),
    "dephasing.piecewise_linear": ((1.0, np.array([1.0, 1.5, 2.0, 2.5]), np.array([0.0, 1.0, 0.5, 0.0])), {}),
    "dephasing.rectangular": ((1e-10, 1e10, 2e9), {}),
    "dephasing.stimulated_amplitude": ((1.3, 1.7, 1.1), {}),
    "dispersion.decay_rate": ((1e11, 0.02), {}),
    "dispersion.frequency": ((1e15,), {"A": 1.3e-11, "Ms": 8e5, "B": 0.3, "K": 1e4, "alpha": 0.1}),
    "dispersion.group_velocity": ((1e8,), {"A": 1.3e-11, "Ms": 8e5, "alpha": 0.1}),
    "dispersion.lattice_square": ((np.array([1e8, 2e8, 0.5e8]), (2e-9, 3e-9, 4e-9)), {}),
    "domain_wall.breakdown_drift": ((0.05, 0.1, 0.1, 2e-8), {}),
    "domain_wall.doring_mass": ((2e-8,), {}),
    "domain_wall.energy": ((1e-11, 1e5), {}),
    "domain_wall.mass": ((0.1, 2e-8, 8e5), {}),
    "domain_wall.rates": ((0.4,), {"B": 1e-3, "u": 20.0, "beta": 0.1, **WALL}),
    "domain_wall.steady_angle": ((1e-3, 0.05, 0.1), {}),
    "domain_wall.velocity": ((), {"B": 1e-2, "u": 20.0, "beta": 0.1, **WALL}),
    "domain_wall.walker_field": ((0.05, 0.1), {}),
    "domain_wall.walker_velocity": ((1e-3, 1e-11, 1e5), {"alpha": 0.05, "Bd": 0.1, "Ms": 8e5}),
    "domain_wall.width": ((1e-11, 1e5), {}),
    "electron_phase.disk": ((1e-8, 7e-8, 5e-8, (8e-3, 3e-3)), {}),
    "electron_phase.wavelength": ((3e5,), {}),
    "ferrimagnet.effective_gamma": ((PAIR["Ms"], PAIR["gamma"]), {}),
    "ferrimagnet.exchange_mode": ((-3e6, PAIR["Ms"], PAIR["gamma"]), {}),
    "ferrimagnet.modes": (
        (),
        {"J": -3e6, "K": (1e4, 2e4), "B": 0.2, "A": (1e-12, 2e-12), "A_ab": -1e-13, "k_square": 1e15, **PAIR},
    ),
    "ferrimagnet.net_angular_momentum": ((PAIR["Ms"], PAIR["gamma"]), {}),
    "film_waves.forward_volume_frequency": ((1e7,), FILM | {"B": 1.5}),
    "film_waves.frequency": ((1e7,), FILM | {"angle": 0.4}),
    "film_waves.mean_demagnetization": ((0.3,), {}),
    "heisenberg.chain_energy": ((-1e-22,), {}),
    "heisenberg.finite_ring_energy": ((-1e-22, 20.0), {}),
    "heisenberg.magnon_energy": ((0.7, 1e-22, 0.5, 1.2, 1e-24), {}),
    "heisenberg.magnon_velocity": ((0.7, 1e-22, 0.5, 1.2), {}),
    "heisenberg.neel_energy": ((-1e-22, 10.0, 0.5), {}),
    "heisenberg.neel_energy_deviation": ((-1e-22, 10.0, 0.5), {}),
    "heisenberg.ring_energy": ((-1e-22, 6), {}),
    "heisenberg.xx_entropy": ((1e-12, 1e-22, 8), {}),
    "heisenberg.xx_staggered_magnetisation": ((1e-12, 1e-22), {}),
    "inertial.free_nutation": ((1e-13, np.array([0.6, 0.0, 0.8]), np.array([0.0, 2e12, 0.0]), 2e-13), {}),
    "inertial.frequencies": ((0.4, 0.7, 2e-13), {}),
    "inertial.modes": ((0.4, 2e-13, 0.1), {}),
    "inertial.steady_precession": ((0.3, 0.4, 2e-13), {}),
    "ink_drop.drop_entropy": ((0.4,), {}),
    "ink_drop.sheared_entropy": ((0.4, 1.2), {}),
    "lifetime.arrhenius_time": ((1e-19, 300.0, 1e-9), {}),
    "lifetime.required_barrier": ((100.0, 300.0, 1e-9), {}),
    "lifetime.stability_factor": ((100.0, 1e-9), {}),
    "lifetime.wire_barrier": ((1e-11, 1e6, 2e-9), {}),
    "lifetime.wire_end_barrier": ((1e-11, 1e6, 2e-9), {}),
    "lifetime.wire_lifetime": ((1e-11, 1e6, 2e-9, 300.0, 1e-9), {}),
    "macrospin.decay_time": ((0.5, 0.1), {}),
    "macrospin.landau_lifshitz_from_gilbert": ((1.8e11, 1e-7, 8e5), {}),
    "macrospin.landau_lifshitz_from_gilbert_seed": ((1.8e11, 1e-7, 8e5), {}),
    "macrospin.larmor_frequency": ((0.5, 0.1), {}),
    "macrospin.relaxation": ((1e-11, np.array([0.6, 0.0, 0.8]), np.array([0.1, 0.2, 0.9]), 0.3), {}),
    "macrospin.resonance_frequency": ((0.5, 8e5, (0.5, 0.3, 0.2), 1e4), {}),
    "macrospin.switching_time": ((-0.3, 0.8, 0.5, 0.1), {}),
    "magnetisation_algebra.bare_moment": ((0.4, 0.3, 0.2), {}),
    "magnetisation_algebra.bare_moment_seed": ((0.4, 0.3), {}),
    "magnetisation_algebra.nondissipative_parameter": ((0.4, 1), {}),
    "magnetisation_algebra.total_gyromagnetic_ratio": ((0.4, -1), {}),
    "magnon_gas.bloch_density": ((10.0, 1e-22, 0.5, 1e-23), {}),
    "magnon_gas.infrared_integral": ((3, 0.1, 1.0), {}),
    "magnon_gas.infrared_integral_seed": ((1, 0.1, 1.0), {}),
    "magnon_gas.lattice_density": ((10.0, 1e-22, 0.5, 1e-23, 2, 50), {}),
    "magnon_gas.ordering_temperature": ((1e-21, 1e-24, 0.5), {}),
    "magnon_gas.polylog_exp": ((1, 0.4), {}),
    "optimal_reversal.azimuth": ((2e-11, 1e-10), BODY),
    "optimal_reversal.least_cost": ((1e-10,), BODY),
    "optimal_reversal.long_pulse_cost": ((), BODY),
    "optimal_reversal.polar_angle": ((2e-11, 1e-10), BODY),
    "optimal_reversal.pulse": ((2e-11, 1e-10), BODY),
    "optimal_reversal.pulse_strength": ((2e-11, 1e-10), BODY),
    "optimal_reversal.short_pulse_cost": ((1e-10, 0.1), {}),
    "optimal_reversal.shortest_time": ((0.5,), BODY),
    "optimal_reversal.threshold_field": ((), BODY),
    "radiation.effective_damping": ((0.4, 0.2, 0.1), {}),
    "radiation.effective_damping_seed": ((0.4, 0.2), {}),
    "radiation.field_and_torque": ((0.4, 0.2, 0.1), {}),
    "radiation.gilbert_damping": ((0.3,), {}),
    "radiation.longitudinal": ((1e-11, 0.3, 0.5, 0.4, 0.1), {}),
    "radiation.longitudinal_rate": ((0.3, 0.5, 0.4, 0.1), {}),
    "radiation.longitudinal_rate_seed": ((0.3, 0.5, 0.4, 0.1), {}),
    "radiation.magnetisation": ((1e-11, np.array([0.6, 0.0, 0.8]), np.array([0.1, 0.2, 0.9]), 0.4, 0.2, 0.1), {}),
    "radiation.precession_frequency": ((0.5, 0.4, 0.2), {}),
    "radiation.precession_frequency_seed": ((0.5, 0.2), {}),
    "radiation.radiation_parameter": ((0.4,), {}),
    "radiation.relaxation_time": ((0.5, 0.4, 0.1), {}),
    "radiation.transverse": ((1e-11, 0.3, 0.5, 0.4, 0.1), {}),
    "recurrence.comb": ((1e-10, 1e10, 1e8, 5), {}),
    "recurrence.mean_recurrence_time": ((np.array([1e9, 1.4e9, 1.7e9]), 0.05), {}),
    "recurrence.recurrence_time": ((1e8,), {}),
    "rotating_field.precession": ((1e-11, np.array([0.6, 0.0, 0.8]), 0.3, 0.05, 1e10), {}),
    "sharrock.effective_time": ((0.5, 1.0, 40.0, 1.6), {}),
    "sharrock.kneller_luborsky": ((100.0, 4e5, 400.0, 1.6), {}),
    "sharrock.sweep": ((), SWEEP | {"quantile": 0.4}),
    "sharrock.sweep_hazard": ((), {"H": 5e5, **SWEEP}),
    "sharrock.sweep_seed": ((), SWEEP),
    "sharrock.switching_field_mean": ((), SWEEP),
    "sharrock.switching_field_width": ((), SWEEP),
    "sharrock.waiting": ((100.0, 8e5, 50.0, 1e-9, 1.6), {}),
    "spin_half.berry_phase": ((0.7, 2.0), {}),
    "spin_half.brillouin": ((1.0, 2.0, 1.5), {}),
    "spin_half.polarisation": ((1.0, 2.0), {}),
    "spin_half.precession": ((1e-11, np.array([0.6, 0.0, 0.8]), np.array([0.1, 0.2, 0.9])), {}),
    "spin_half.rabi_probability": ((1e-9, 1e-2, 1e8), {}),
    "spin_half.singlet_triplet_beat": ((1e-12, 1e-22), {}),
    "spin_half.zeeman_splitting": ((0.5,), {}),
    "spin_spin.correlation_field": ((1e-22, 0.2, 1e-23), {}),
    "spin_spin.magnetisation": ((1e-11, np.array([0.6, 0.0, 0.8]), 0.5, 0.2), {}),
    "spin_spin.precession_frequency": ((0.5, 0.2, 0.8), {}),
    "spin_spin.precession_frequency_seed": ((0.5, 0.2, 0.8), {}),
    "stoner_wohlfarth.aligned_barrier": ((0.4,), {}),
    "stoner_wohlfarth.astroid": ((0.4,), {}),
    "stoner_wohlfarth.barrier_near_switching": ((0.45, 0.4), {}),
    "stoner_wohlfarth.coercivity": ((0.4,), {}),
    "stoner_wohlfarth.pfeiffer_barrier": ((0.3, 0.4), {}),
    "stoner_wohlfarth.transverse_magnetization": ((0.4,), {}),
    "thiele.hall_angle": ((), THIELE),
    "thiele.velocity": ((np.array([30.0, 10.0]),), THIELE),
    "thiele.wall_dissipation": ((5e-8, 1e-8), {}),
    "twisting.mean_spin": ((1e-13, 4, 1e-22, 0.7, 0.3), {}),
    "two_state.entropy_production": ((0.3, 2e-21, 1e-21, 5e-20, 300.0), {}),
    "two_state.equilibrium": ((2e-21, 1e-21, 300.0), {}),
    "two_state.magnetization": ((1e-5, 0.3, 2e-21, 1e-21, 5e-20, 300.0), {}),
    "two_state.rate": ((2e-21, 1e-21, 5e-20, 300.0), {}),
    "two_state.symmetric_rate": ((5e-20, 300.0), {}),
    "viscosity.critical_barrier": ((100.0, 300.0), {}),
    "viscosity.exponential_integral": ((0.7,), {}),
    "viscosity.scaling_variable": ((100.0, 300.0), {}),
    "viscosity.uniform_remaining": ((1.0, 300.0, 5e-20, 1.5e-19), {}),
    "viscosity.viscosity": ((300.0, 8e5, 1e19), {}),
    "viscosity.viscosity_seed": ((300.0, 8e5, 1e19), {}),
}
# Of plain numbers, for the host: they know no precision and no derivative. The echo is a functional, tested by itself.
HOST = {
    "cloning.optimal_fidelity",
    "demag.cylinder_factors",
    "demag.ellipsoid_factors",
    "demag.prism_factors",
    "demag.prism_tensor",
    "demag.uniform_energy",
    "dephasing.echo",
    "electron_phase.rectangle",
    "electron_phase.rectangle_kernel",
    "ink_drop.mixed_entropy",
    "lifetime.ring_barrier",
}


def is_number(leaf: Any) -> bool:
    """Counts and signs are whole."""
    return isinstance(leaf, float | np.ndarray)


def form(name: str, dtype: Any) -> tuple[Any, list[jax.Array]]:
    """A function of the numbers alone, and those numbers: tuples of numbers become arrays where a form wants them."""
    room, short = name.split(".")
    leaves, tree = jax.tree.flatten(CASES[name])
    numbers = [jnp.asarray(leaf, dtype) for leaf in leaves if is_number(leaf)]

    def call(*values: jax.Array) -> Any:
        rest = iter(values)
        args, kwargs = jax.tree.unflatten(tree, [next(rest) if is_number(leaf) else leaf for leaf in leaves])
        return getattr(getattr(analytic, room), short)(*args, **kwargs)

    return call, numbers


def test_every_closed_form_is_here():
    """What is exported by a room of closed forms, and is a function, is in one of the two lists."""
    rooms = {name: room for name, room in vars(analytic).items() if inspect.ismodule(room) and name != "arguments"}
    found = {
        f"{name}.{short}"
        for name, room in rooms.items()
        for short, value in vars(room).items()
        if inspect.isfunction(value) and value.__module__ == room.__name__ and not short.startswith("_")
    }
    assert found == set(CASES) | HOST


@pytest.mark.parametrize("name", CASES)
def test_precision_is_that_of_the_arguments(name, precision):
    """Single stays single, and double double, whatever constants a form multiplies by; nothing is computed here."""
    call, numbers = form(name, precision.dtype)
    for leaf in jax.tree.leaves(jax.eval_shape(call, *numbers)):
        assert jnp.finfo(leaf.dtype).dtype == precision.dtype


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_single_precision_computes_the_same_and_derivatives_are_those_of_differences(name):
    """Values in single precision, and d/d(every number) by a reverse pass against central differences.

    Theory: steps of x·eps^{1/3} leave differences an error of some eps^{2/3} = 4e-11 of the form's second logarithmic
    derivatives, which are below 1e4 here. Layout: outputs are weighed by irrational numbers, and all is one program.
    Single precision: phases and exponents of up to 50 multiply its 1e-7.
    """
    call, numbers = form(name, jnp.float64)
    center, back = ravel_pytree(tuple(numbers))
    scale = np.concatenate([np.full(x.size, np.abs(x).max()) for x in map(np.asarray, numbers)])

    @jax.jit
    def program(center: jax.Array, steps: jax.Array) -> tuple[jax.Array, ...]:
        double = flat(call(*back(center)))
        single = flat(call(*(x.astype(jnp.float32) for x in back(center))))
        weights = jnp.cos(1.0 + jnp.arange(double.size)) / jnp.max(jnp.abs(double))
        weighed = lambda x: jnp.sum(weights * flat(call(*back(x))))  # noqa: E731
        points = jnp.concatenate([center[None] + steps, center[None] - steps])
        return double, single, jax.grad(weighed)(center), jax.vmap(weighed)(points)

    double, single, slopes, values = program(center, jnp.diag(scale * STEP))
    np.testing.assert_allclose(single, double, rtol=0, atol=1e-4 * float(jnp.max(jnp.abs(double))))
    differences = (values[: scale.size] - values[scale.size :]) / (2 * STEP)
    assert np.isfinite(slopes).all()
    np.testing.assert_allclose(slopes * scale, differences, rtol=1e-6, atol=1e-6)


def test_derivatives_at_the_edges():
    """Where a root or a cusp ends: infinite where the slope is, 0 where nothing moves, and never NaN."""
    steep = jax.grad(analytic.stoner_wohlfarth.astroid)
    assert float(steep(0.0)) == -np.inf
    assert np.isfinite(float(steep(np.pi / 2)))
    assert float(jax.grad(analytic.stoner_wohlfarth.coercivity)(np.pi / 2)) == pytest.approx(-1, rel=1e-12, abs=0)
    along = analytic.radiation.transverse
    for start in (1.0, -1.0):
        slopes = jax.grad(along, argnums=(0, 1, 2, 3))(1e-11, start, 0.5, 0.4)
        np.testing.assert_array_equal(slopes, np.zeros(4))
    assert float(jax.grad(analytic.radiation.longitudinal_rate_seed)(1.0, 0.5, 0.4)) == 0


def flat(outputs: Any) -> jax.Array:
    """All numbers of a result, real and imaginary parts side by side."""
    return jnp.concatenate([part.ravel() for leaf in jax.tree.leaves(outputs) for part in (leaf.real, leaf.imag)])
