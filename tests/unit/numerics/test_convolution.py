import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax.mesh import Mesh
from magjax.numerics.convolution import Convolution, _with_xla, magnetostatic_convolution
from magjax.numerics.demag_kernel import demag_kernel

MESH = Mesh((6, 5, 4), (2e-9, 3e-9, 4e-9))


@pytest.fixture(params=["xla", "host"])
def engine(request):
    return request.param


@pytest.fixture
def kernel():
    return demag_kernel(MESH)


@pytest.fixture
def M(rng):
    return jnp.asarray(rng.normal(size=(3, *MESH.shape)))


def close(actual, expected, tolerance):
    expected = np.asarray(expected)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * np.abs(expected).max())


@pytest.mark.parametrize(
    "cells", [(7, 5, 1), (6, 5, 4), (5, 1, 6), (1, 5, 4), (6, 1, 1), (1, 1, 5), (1, 4, 1), (1, 1, 1)], ids=str
)
def test_is_the_sum_over_all_pairs(cells, engine, direct, rng, precision):
    mesh = Mesh(cells, (2e-9, 3e-9, 5e-9))
    M = rng.normal(size=(3, *mesh.shape)).astype(precision.dtype)
    field = magnetostatic_convolution(jnp.asarray(M), demag_kernel(mesh), engine)
    assert field.dtype == precision.dtype
    close(field, direct(M.astype(float), mesh), precision.stencil)


@pytest.mark.parametrize(
    ("cells", "periodic"), [((8, 7, 1), "x"), ((5, 4, 6), "yz"), ((4, 3, 2), "xyz"), ((3, 1, 8), "z")], ids=str
)
def test_both_engines_agree_on_periodic_meshes(cells, periodic, rng):
    mesh = Mesh(cells, (2e-9, 3e-9, 5e-9), periodic=periodic)
    kernel = demag_kernel(mesh, tuple(int(a in periodic) for a in "xyz"))
    M = jnp.asarray(rng.normal(size=(3, *mesh.shape)))
    close(magnetostatic_convolution(M, kernel, "host"), magnetostatic_convolution(M, kernel, "xla"), 1e-14)


def test_the_gradient_of_the_energy_is_minus_the_field(engine, kernel, M):
    # The operation is its own transpose, so this holds to rounding.
    gradient = jax.grad(lambda M: -jnp.sum(M * magnetostatic_convolution(M, kernel, engine)) / 2)(M)
    close(gradient, -magnetostatic_convolution(M, kernel, engine), 1e-14)


def test_is_its_own_transpose(engine, kernel, M, rng):
    other = jnp.asarray(rng.normal(size=M.shape))
    (transposed,) = jax.linear_transpose(lambda M: magnetostatic_convolution(M, kernel, engine), M)(other)
    close(transposed, magnetostatic_convolution(other, kernel, engine), 1e-14)


def test_forward_mode_is_the_operation_itself(engine, kernel, M, rng):
    other = jnp.asarray(rng.normal(size=M.shape))
    value, tangent = jax.jvp(lambda M: magnetostatic_convolution(M, kernel, engine), (M,), (other,))
    close(value, magnetostatic_convolution(M, kernel, engine), 1e-14)
    close(tangent, magnetostatic_convolution(other, kernel, engine), 1e-14)


def test_a_batch_is_one_operation(engine, kernel, rng):
    batch = jnp.asarray(rng.normal(size=(2, 3, 3, *MESH.shape)))
    function = jax.vmap(jax.vmap(lambda M: magnetostatic_convolution(M, kernel, engine)))
    together = jax.jit(function)(batch)
    for index in np.ndindex(2, 3):
        close(together[index], magnetostatic_convolution(batch[index], kernel, engine), 1e-14)
    assert str(jax.make_jaxpr(function)(batch)).count("magnetostatic_convolution[") == 1


def test_a_batch_may_lie_along_any_axis(engine, kernel, rng):
    batch = jnp.asarray(rng.normal(size=(3, *MESH.shape, 2)))
    together = jax.vmap(lambda M: magnetostatic_convolution(M, kernel, engine), in_axes=-1, out_axes=-1)(batch)
    close(together[..., 1], magnetostatic_convolution(batch[..., 1], kernel, engine), 1e-14)


def test_gradients_of_a_batch(engine, kernel, rng):
    batch = jnp.asarray(rng.normal(size=(3, 3, *MESH.shape)))
    gradients = jax.vmap(jax.grad(lambda M: -jnp.sum(M * magnetostatic_convolution(M, kernel, engine)) / 2))(batch)
    close(gradients[2], -magnetostatic_convolution(batch[2], kernel, engine), 1e-14)


def test_a_batch_of_kernels(engine, kernel, M):
    kernels = jax.tree.map(lambda x: jnp.stack([x, 2 * x]), kernel)
    fields = jax.vmap(lambda M, k: magnetostatic_convolution(M, k, engine))(jnp.stack([M, M]), kernels)
    close(fields[1], 2 * fields[0], 1e-14)
    same = jax.vmap(lambda k: magnetostatic_convolution(M, k, engine))(kernels)
    close(same, fields, 1e-14)


@pytest.mark.slow
def test_the_hessian_of_the_energy_is_minus_the_kernel(engine):
    mesh = Mesh((2, 2, 1), (2e-9, 3e-9, 4e-9))
    kernel = demag_kernel(mesh)
    M = jnp.ones((3, *mesh.shape))
    hessian = jax.hessian(lambda M: -jnp.sum(M * magnetostatic_convolution(M, kernel, engine)) / 2)(M)
    columns = jax.vmap(lambda e: magnetostatic_convolution(e, kernel, engine))(jnp.eye(12).reshape(12, *M.shape))
    close(hessian.reshape(12, 12), -columns.reshape(12, 12), 1e-14)


def test_no_derivative_flows_into_the_kernel(engine, kernel, M):
    gradient = jax.grad(lambda k: jnp.sum(magnetostatic_convolution(M, k, engine)))(kernel)
    assert not np.any(gradient.spectrum)
    _, tangent = jax.jvp(lambda k: magnetostatic_convolution(M, k, engine), (kernel,), (kernel,))
    assert not np.any(tangent)


def test_runs_inside_loops(engine, kernel, M):
    def step(M):
        return M + 1e5 * magnetostatic_convolution(M, kernel, engine)

    scanned, _ = jax.jit(lambda M: jax.lax.scan(lambda c, _: (step(c), None), M, None, length=3))(M)
    close(scanned, step(step(step(M))), 1e-14)
    remat = jax.grad(lambda M: jnp.sum(jax.checkpoint(lambda M: jnp.sin(step(M)))(M)))(M)
    plain = jax.grad(lambda M: jnp.sum(jnp.sin(step(M))))(M)
    close(remat, plain, 1e-13)


@pytest.mark.slow
@pytest.mark.parametrize("adjoint", ["checkpointed", "direct", "forward"])
def test_differential_equations_can_be_differentiated_through_it(adjoint, engine, kernel, M):
    adjoints = {
        "checkpointed": diffrax.RecursiveCheckpointAdjoint(),
        "direct": diffrax.DirectAdjoint(),
        "forward": diffrax.ForwardMode(),
    }

    @jax.jit
    def final(rate):
        term = diffrax.ODETerm(lambda t, M, args: rate * magnetostatic_convolution(M, args, engine))
        solution = diffrax.diffeqsolve(
            term, diffrax.Tsit5(), 0.0, 1.0, 0.25, M, args=kernel, adjoint=adjoints[adjoint], throw=False, max_steps=16
        )
        return jnp.sum(solution.ys[0] ** 2)

    rate = jnp.asarray(3e5)
    slope = (jax.jacfwd if adjoint == "forward" else jax.grad)(final)(rate)
    # Central differences of a smooth function in double precision err by about eps^(2/3) ≈ 4e-11.
    h = rate * 1e-5
    assert slope == pytest.approx(float((final(rate + h) - final(rate - h)) / (2 * h)), rel=1e-7, abs=0)


def test_kernels_are_arguments_not_constants(engine, kernel, M):
    program = jax.jit(lambda M, k: magnetostatic_convolution(M, k, engine)).lower(M, kernel).as_text()
    assert "dense<" not in program or max(map(len, program.splitlines())) < 20_000


def test_small_grids_stay_with_the_compiler_so_that_their_programs_can_be_cached():
    def calls_back(cells, engine="auto"):
        mesh = Mesh(cells, 5e-9)
        kernel = demag_kernel(mesh)
        M = jnp.zeros((3, *mesh.shape))
        return "callback" in jax.jit(lambda M, k: magnetostatic_convolution(M, k, engine)).lower(M, kernel).as_text()

    assert not calls_back((20, 20, 1))
    assert not calls_back((256, 256, 1))
    assert calls_back((400, 200, 1))
    assert not calls_back((400, 200, 1), "xla")
    assert calls_back((20, 20, 1), "host")


@pytest.mark.parametrize("cells", [(6, 5, 4), (7, 5, 1), (5, 1, 6)], ids=str)
def test_elsewhere_the_same_program_uses_the_compiler(cells, rng):
    # What a graphics card is given where a processor would call the host: the kernel still lies as the host wants it.
    kernel = demag_kernel(Mesh(cells, (2e-9, 3e-9, 5e-9)))
    M = jnp.asarray(rng.normal(size=(3, *cells[::-1])))
    convolve = Convolution(kernel, "host", M.dtype)
    program = jax.jit(lambda M, convolve: convolve(M)).trace(M, convolve).lower(lowering_platforms=("cuda",)).as_text()
    assert "callback" not in program
    assert "fft" in program
    layout = {"cells": kernel.cells, "padded": kernel.padded, "components": kernel.components}
    close(_with_xla(M, convolve.spectrum, **layout, on_host=True), convolve(M), 1e-14)


def test_single_precision_without_x64(engine, kernel, rng):
    with jax.enable_x64(False):
        single = demag_kernel(MESH)
        M = jnp.asarray(rng.normal(size=(3, *MESH.shape)), jnp.float32)
        field = magnetostatic_convolution(M, single, engine)
        assert field.dtype == jnp.float32


def test_refuses_the_kernel_of_another_mesh(kernel):
    with pytest.raises(ValueError, match="is the kernel that of another mesh"):
        magnetostatic_convolution(jnp.zeros((3, 1, 5, 6)), kernel)


def test_refuses_unknown_engines(kernel, M):
    with pytest.raises(ValueError, match="Argument `engine` must be one of 'auto', 'xla', 'host', but got 'gpu'"):
        magnetostatic_convolution(M, kernel, "gpu")
