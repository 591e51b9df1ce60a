"""The demagnetising field by its definition: a sum over all pairs of cells, and over images."""

import itertools

import numpy as np
import pytest

from magjax.constants import MU0
from magjax.numerics.newell import demag_tensor


def direct_field(M, mesh, images=(0, 0, 0)):
    """−μ0 Σ N(r_i − r_j) M_j; along periodic axes j runs over its nearest copy and `images` more on either side.

    Where two copies are equally near, half of each counts.
    """
    total = np.zeros((3, M[0].size))
    indices = [np.arange(n) for n in mesh.cells]
    # Only an even number of cells along a periodic axis leaves a choice between two nearest copies.
    choices = [(1, -1) if mesh.is_periodic(a) and n % 2 == 0 else (1,) for a, n in zip("xyz", mesh.cells, strict=True)]
    for shifts in itertools.product(*(range(-s, s + 1) for s in images)):
        for flips in itertools.product(*choices):
            offsets = []
            for axis, i, s, flip in zip("xyz", indices, shifts, flips, strict=True):
                n, difference = len(i), i[:, None] - i[None, :]
                if mesh.is_periodic(axis):
                    # `flip` chooses between the two equally near copies.
                    difference = flip * ((flip * difference + (n - 1) // 2) % n - (n - 1) // 2) + s * n
                offsets.append(difference)
            x, y, z = np.broadcast_arrays(
                offsets[0][None, None, :, None, None, :],
                offsets[1][None, :, None, None, :, None],
                offsets[2][:, None, None, :, None, None],
            )
            distinct, inverse = np.unique(np.stack([x, y, z]).reshape(3, -1), axis=1, return_inverse=True)
            tensor = demag_tensor(*(distinct * np.array(mesh.cell_size)[:, None]), mesh.cell_size)
            xx, yy, zz, xy, xz, yz = tensor[:, inverse].reshape(6, M[0].size, M[0].size)
            N = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
            total += np.einsum("abij,bj->ai", N, M.reshape(3, -1)) / np.prod([len(c) for c in choices])
    return -MU0 * total.reshape(M.shape)


@pytest.fixture
def direct():
    """`direct_field`, the reference of every convolution."""
    return direct_field
