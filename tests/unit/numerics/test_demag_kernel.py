import itertools
import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax.constants import MU0
from magjax.mesh import Mesh
from magjax.numerics import demag_kernel as module
from magjax.numerics import image_sum
from magjax.numerics.convolution import magnetostatic_convolution
from magjax.numerics.demag_kernel import (
    check_images,
    components,
    demag_kernel,
    demag_spectrum,
    memory_estimate,
    padded_cells,
    spectrum_shape,
)
from magjax.numerics.newell import demag_tensor

CELL = (2e-9, 3e-9, 5e-9)


@pytest.mark.parametrize("cells", [(5, 4, 3), (6, 1, 4), (1, 3, 1), (8, 5, 1)])
def test_the_spectrum_is_the_fourier_transform_of_the_padded_tensor(cells):
    mesh = Mesh(cells, CELL)
    padded = padded_cells(mesh)
    names = ("xx", "yy", "zz", "xy", "xz", "yz")
    indices = [(np.arange(p) + n) % p - n if p > 1 else np.zeros(1) for n, p in zip(cells, padded, strict=True)]
    # Distances of n and more meet no cell of the sample: they stay 0.
    inside = [np.abs(i) < n for i, n in zip(indices, cells, strict=True)]
    z, y, x = np.meshgrid(*(i * d for i, d in zip(indices[::-1], CELL[::-1], strict=True)), indexing="ij")
    mask = inside[2][:, None, None] & inside[1][None, :, None] & inside[0][None, None, :]
    full = np.fft.fftn(np.where(mask[None], demag_tensor(x, y, z, CELL), 0.0), axes=(1, 2, 3))
    assert np.abs(full.imag).max() < 1e-14
    spectrum = demag_spectrum(mesh, (0, 0, 0))
    assert spectrum.shape == spectrum_shape(mesh)
    _, lz, ly, lx = spectrum.shape
    for entry, name in zip(spectrum, components(mesh), strict=True):
        np.testing.assert_allclose(entry, -MU0 * full.real[names.index(name), :lz, :ly, :lx], rtol=0, atol=1e-13 * MU0)
    for name in set(names) - set(components(mesh)):
        assert np.abs(full[names.index(name)]).max() < 1e-14


def test_every_cell_of_an_endless_sample_feels_the_field_of_a_plate():
    # A periodic film magnetised along z tends to N_zz = 1. What is missing is the plate of thickness t outside a
    # square of half side L: t/4π ∫ dA/r³ = √2 t/(π L). The dipole's next order is (period/L)² smaller.
    mesh = Mesh((8, 8, 1), (5e-9, 5e-9, 3e-9), periodic="xy")
    for images in (10, 40):
        kernel = demag_kernel(mesh, (images, images, 0))
        missing = 1 + float(kernel.spectrum[2, 0, 0, 0]) / MU0
        assert missing == pytest.approx(np.sqrt(2) * 3 / (np.pi * (images + 0.5) * 40), rel=2e-3, abs=0)


def test_periodic_axes_need_no_padding_and_single_cells_neither():
    assert padded_cells(Mesh((7, 5, 1), 5e-9, periodic="x")) == (7, 10, 1)
    assert padded_cells(Mesh((1, 1, 1), 5e-9)) == (1, 1, 1)


def test_padded_lengths_are_quick_and_just_long_enough():
    for n in range(2, 300):
        length = padded_cells(Mesh((n, 1, 1), 5e-9))[0]
        assert 2 * n - 1 <= length <= 2.3 * n + 2
        assert length % 2 == 0
        for prime in (2, 3, 5, 7):
            while length % prime == 0:
                length //= prime
        assert length == 1


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ((4, 4, 4), ("xx", "yy", "zz", "xy", "xz", "yz")),
        ((4, 4, 1), ("xx", "yy", "zz", "xy")),
        ((4, 1, 4), ("xx", "yy", "zz", "xz")),
        ((4, 1, 1), ("xx", "yy", "zz")),
    ],
)
def test_only_entries_that_do_not_vanish_are_stored(cells, expected):
    assert demag_kernel(Mesh(cells, CELL)).components == expected


def test_images_are_ten_along_periodic_axes_unless_given():
    assert check_images(Mesh((4, 4, 1), 5e-9, periodic="y"), None) == (0, 10, 0)
    assert check_images(Mesh((4, 4, 1), 5e-9, periodic="xy"), (3, 0, 0)) == (3, 0, 0)


@pytest.mark.parametrize("images", [(-1, 0, 0), (1, 2), (0.5, 0, 0), 3, (True, 0, 0)])
def test_refuses_images_that_cannot_be_counted(images):
    with pytest.raises(ValueError, match="Argument `images` must hold three whole numbers ≥ 0"):
        check_images(Mesh((4, 4, 1), 5e-9, periodic="x"), images)


def test_refuses_images_of_axes_that_do_not_repeat_and_names_the_slip():
    with pytest.raises(ValueError, match=r"did you mean Mesh\(…, periodic='xy'\)"):
        check_images(Mesh((4, 4, 1), 5e-9, periodic="x"), (1, 1, 0))


def test_follows_the_precision_it_is_given():
    mesh = Mesh((4, 4, 1), CELL)
    assert demag_kernel(mesh).spectrum.dtype == jnp.result_type(float)
    single = demag_kernel(mesh, dtype=jnp.float32).spectrum
    assert single.dtype == jnp.float32
    np.testing.assert_array_equal(single, demag_spectrum(mesh, (0, 0, 0)).astype(np.float32))
    with jax.enable_x64(False):
        assert demag_kernel(mesh).spectrum.dtype == jnp.float32


def test_a_kernel_made_under_a_trace_is_still_data():
    mesh = Mesh((4, 4, 1), CELL)

    @jax.jit
    def program(x):
        assert not isinstance(demag_kernel(mesh).spectrum, jax.core.Tracer)
        return x

    program(1.0)


def test_slabs_do_not_show(monkeypatch):
    for mesh in (Mesh((9, 7, 3), CELL), Mesh((6, 5, 4), CELL, periodic="yz")):
        images = check_images(mesh, None if not mesh.periodic else (0, 2, 1))
        whole = demag_spectrum(mesh, images)
        with monkeypatch.context() as patch:
            patch.setattr(image_sum, "_SLAB", 20)
            np.testing.assert_allclose(demag_spectrum(mesh, images), whole, rtol=0, atol=1e-12 * MU0)


def test_large_kernels_come_from_the_cache(monkeypatch):
    calls = []
    monkeypatch.setattr(module.kernel_cache, "_MINIMUM_SECONDS", -1.0)
    monkeypatch.setattr(module, "_WORTH_CACHING", 10)
    compute = module.demag_spectrum
    monkeypatch.setattr(module, "demag_spectrum", lambda *a: calls.append(a) or compute(*a))
    mesh, other = Mesh((6, 5, 4), (1.1e-9, 2e-9, 3e-9)), Mesh((6, 5, 4), (1.2e-9, 2e-9, 3e-9))
    first = demag_kernel(mesh)
    np.testing.assert_array_equal(demag_kernel(mesh).spectrum, first.spectrum)
    assert len(calls) == 1
    # Whatever changes the numbers changes the file.
    periodic = Mesh((6, 5, 4), (1.1e-9, 2e-9, 3e-9), periodic="x")
    for changed in (
        lambda: demag_kernel(other),
        lambda: demag_kernel(periodic),
        lambda: demag_kernel(periodic, (3, 0, 0)),
    ):
        before = len(calls)
        changed()
        assert len(calls) == before + 1


def test_the_memory_estimate_grows_with_the_mesh_and_the_precision():
    small, large = Mesh((64, 64, 1), 5e-9), Mesh((128, 128, 64), 5e-9)
    assert memory_estimate(small) < memory_estimate(large) < 1.5e9
    assert memory_estimate(large, np.float32) < memory_estimate(large)
    assert memory_estimate(large) > 100e6


@pytest.mark.slow
def test_the_kernel_of_a_large_film_takes_a_second():
    # A million cells; measured 0.7 s. The bound leaves room for a busy machine.
    start = time.perf_counter()
    demag_spectrum(Mesh((1024, 1024, 1), (4e-9, 3e-9, 2e-9)), (0, 0, 0))
    assert time.perf_counter() - start < 60


@pytest.mark.parametrize("periodic", ["x", "y", "z", "xy", "xyz"])
def test_the_spectrum_of_a_periodic_mesh_is_that_of_its_summed_images(periodic, direct, rng):
    # Even and odd numbers of cells along the axes: half a period away an even one has two nearest copies.
    for cells, images in itertools.product([(4, 3, 2), (3, 2, 4)], [0, 1]):
        mesh = Mesh(cells, CELL, periodic=periodic)
        copies = tuple(images if axis in periodic else 0 for axis in "xyz")
        kernel = demag_kernel(mesh, copies)
        M = rng.normal(size=(3, *mesh.shape))
        expected = direct(M, mesh, copies)
        field = magnetostatic_convolution(jnp.asarray(M), kernel, "host")
        np.testing.assert_allclose(field, expected, rtol=0, atol=1e-12 * np.abs(expected).max())
