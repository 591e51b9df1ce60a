import concurrent.futures

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from magjax.mesh import Mesh
from magjax.numerics import host_fft
from magjax.numerics.demag_kernel import demag_kernel
from magjax.numerics.fft_backend import available, transforms
from magjax.numerics.host_fft import convolve, plan
from magjax.numerics.host_product import available as compilers


def prepared(cells, dtype=np.float64, periodic=""):
    mesh = Mesh(cells, (2e-9, 3e-9, 5e-9), periodic=periodic)
    kernel = demag_kernel(mesh, tuple(int(a in periodic) for a in "xyz"), dtype=dtype)
    return mesh, np.asarray(kernel.spectrum), plan(kernel.cells, kernel.padded, kernel.components)


def close(actual, expected, tolerance):
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * np.abs(expected).max())


@pytest.mark.parametrize("backend", available())
@pytest.mark.parametrize("compiler", compilers())
@pytest.mark.parametrize("cells", [(7, 5, 1), (6, 5, 4), (5, 1, 6), (2, 2, 2), (9, 2, 1)], ids=str)
def test_is_the_sum_over_all_pairs(cells, compiler, backend, direct, rng, precision):
    mesh, spectrum, layout = prepared(cells, precision.dtype)
    M = rng.normal(size=(3, *mesh.shape)).astype(precision.dtype)
    field = convolve(M, spectrum, layout, backend=backend, compiler=compiler)
    close(field, direct(M.astype(float), mesh), precision.stencil)


sizes = st.integers(2, 12)


@given(
    cells=st.one_of(
        st.tuples(sizes, sizes, st.just(1)), st.tuples(sizes, sizes, sizes), st.tuples(sizes, st.just(1), sizes)
    ),
    periodic=st.sampled_from(["", "x", "y", "z", "xy", "yz", "xyz"]),
    block=st.sampled_from([1, 3000, 1_500_000]),
    threads=st.integers(1, 3),
)
def test_blocks_and_threads_do_not_show(cells, periodic, block, threads):
    mesh, spectrum, layout = prepared(cells, periodic=periodic)
    M = np.random.default_rng(1).normal(size=(3, *mesh.shape))
    with pytest.MonkeyPatch.context() as patch:
        whole = convolve(M, spectrum, layout, threads=1)
        patch.setattr(host_fft, "_LARGEST_BLOCK", block)
        patch.setattr(host_fft, "_SMALLEST_BLOCK", 1)
        # Rounding differs in the last digits: SIMD takes other paths for other block widths.
        close(convolve(M, spectrum, layout, threads=threads), whole, 1e-14)


def test_a_batch_is_convolved_one_by_one(rng):
    mesh, spectrum, layout = prepared((6, 4, 3))
    M = rng.normal(size=(2, 5, 3, *mesh.shape))
    together = convolve(M, spectrum, layout)
    for index in np.ndindex(2, 5):
        np.testing.assert_array_equal(together[index], convolve(M[index], spectrum, layout))


def test_does_not_change_its_arguments(rng):
    mesh, spectrum, layout = prepared((6, 4, 3))
    M = rng.normal(size=(3, *mesh.shape))
    M.flags.writeable = spectrum.flags.writeable = False
    convolve(M, spectrum, layout)


def test_many_programs_may_run_at_once(rng):
    cases = [prepared(cells) for cells in ((24, 20, 1), (8, 9, 7), (16, 16, 1))]
    fields = [rng.normal(size=(3, *mesh.shape)) for mesh, _, _ in cases]
    alone = [convolve(M, s, layout) for M, (_, s, layout) in zip(fields, cases, strict=True)]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        jobs = [pool.submit(convolve, fields[i % 3], *cases[i % 3][1:], threads=2) for i in range(90)]
        for i, job in enumerate(jobs):
            close(job.result(), alone[i % 3], 1e-14)


def test_workspaces_are_used_again_but_not_hoarded(rng):
    host_fft._free.clear()
    mesh, spectrum, layout = prepared((6, 4, 3))
    M = rng.normal(size=(3, *mesh.shape))
    for _ in range(3):
        convolve(M, spectrum, layout)
    assert len(host_fft._free) == 1
    for n in range(2, 12):
        mesh, spectrum, layout = prepared((n, 3, 1))
        convolve(np.zeros((3, *mesh.shape)), spectrum, layout)
    assert len(host_fft._free) == host_fft._KEPT_WORKSPACES


@pytest.mark.parametrize("backend", available())
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_backends_transform_along_any_axis(backend, axis, rng):
    fft = transforms(backend)
    a = rng.normal(size=(6, 4, 8)) + 1j * rng.normal(size=(6, 4, 8))
    out = np.empty_like(a)
    fft.c2c(a, axis, True, out)
    np.testing.assert_allclose(out, np.fft.fft(a, axis=axis), atol=1e-12)
    back = np.empty_like(a)
    fft.c2c(out, axis, False, back)
    np.testing.assert_allclose(back, a, atol=1e-12)
    n = a.shape[axis]
    half = np.empty([n // 2 + 1 if i == axis else size for i, size in enumerate(a.shape)], complex)
    fft.r2c(a.real.copy(), axis, half)
    np.testing.assert_allclose(half, np.fft.rfft(a.real, axis=axis), atol=1e-12)
    real = np.empty(a.shape)
    fft.c2r(half, axis, n, real)
    np.testing.assert_allclose(real, a.real, atol=1e-12)


def test_scipy_stands_in_where_ducc_is_missing(monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert available() == ("scipy",)
