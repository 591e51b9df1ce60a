"""The largest eigenvalues of a pencil of Hermitian operators too large to be written down."""

import dataclasses
from collections.abc import Callable

import numpy as np
import scipy.linalg

Block = Callable[[np.ndarray], np.ndarray]

#: Directions that add less than this part of their length to the space are rounding.
_INDEPENDENT = 1e-10
_REFRESHED = 20


class Indefinite(ArithmeticError):
    """The operator M of a pencil is not positive definite."""


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Eigenpairs: `values` `(b,)` from the largest down, `vectors` `(n, b)` with xᴴ M x = 1, and how they came about.

    - `residuals`: |K x − μ M x| / |x|. `converged`: whether those wanted have. `steps`: iterations.
    """

    values: np.ndarray
    vectors: np.ndarray
    residuals: np.ndarray
    converged: bool
    steps: int


def largest(
    K: Block,
    M: Block,
    inverse: Block,
    start: np.ndarray,
    *,
    wanted: int,
    converged: Callable[[np.ndarray, np.ndarray], np.ndarray],
    max_steps: int,
) -> Pairs:
    """The eigenpairs K x = μ M x of largest μ, by locally optimal block preconditioned conjugate gradients.

    In each step Rayleigh and Ritz choose the best of the block, its preconditioned residuals and the last change. As
    many equal eigenvalues as the block has columns are told apart.

    - `K`, `M`: v ↦ K v, M v of columns `(n, b)`; Hermitian, M positive definite. `inverse`: roughly M⁻¹.
    - `start`: `(n, b)`. `wanted`: how many of the b must converge.
    - `converged`: which of values `(b,)` with residuals `(b,)` will do; they are worked at no longer.
    - `max_steps`: at most so many steps.

    **Raises** `Indefinite` where M shows a direction with xᴴ M x < 0.

    Source: A. V. Knyazev, SIAM J. Sci. Comput. 23, 517 (2001).

    >>> import numpy as np
    >>> from magjax.solve.linear.block_eigen import largest
    >>> d = np.arange(1.0, 101.0)[:, None]
    >>> x = np.random.default_rng(0).normal(size=(100, 6))
    >>> done = lambda values, residuals: residuals < 1e-9
    >>> found = largest(lambda v: v, lambda v: d * v, lambda v: v / d, x, wanted=3, converged=done, max_steps=90)
    >>> (1 / found.values[:3]).round(6).tolist()
    [1.0, 2.0, 3.0]
    """
    b = start.shape[1]
    X = start
    MX, KX = M(X), K(X)
    mix, values = _ritz(X, MX, KX, b)
    X, MX, KX = X @ mix, MX @ mix, KX @ mix
    P = MP = KP = np.zeros((X.shape[0], 0), X.dtype)
    residuals, step = np.full(b, np.inf), 0
    while True:
        R = KX - MX * values
        residuals = np.linalg.norm(R, axis=0) / np.linalg.norm(X, axis=0)
        good = converged(values, residuals)
        if step >= max_steps or np.all(good[:wanted]):
            return Pairs(values, X, residuals, bool(np.all(good[:wanted])), step)
        W = inverse(R[:, ~good])
        # Free of the block before anything is squared: near the end the residuals are small.
        W = W - X @ (MX.conj().T @ W)
        W = W / np.linalg.norm(W, axis=0)
        S = np.concatenate([X, W, P], axis=1)
        MS, KS = np.concatenate([MX, M(W), MP], axis=1), np.concatenate([KX, K(W), KP], axis=1)
        mix, values = _ritz(S, MS, KS, b)
        change = mix[:, ~good].copy()
        change[:b] = 0
        P, MP, KP = S @ change, MS @ change, KS @ change
        size = np.linalg.norm(P, axis=0)
        size = np.where(size > 0, size, 1)
        P, MP, KP = P / size, MP / size, KP / size
        X, MX, KX = S @ mix, MS @ mix, KS @ mix
        step += 1
        if step % _REFRESHED == 0:  # rounding adds up in what is only combined
            MX, KX = M(X), K(X)


def _ritz(S: np.ndarray, MS: np.ndarray, KS: np.ndarray, b: int) -> tuple[np.ndarray, np.ndarray]:
    """The columns' combinations of largest μ, and these."""
    gram, image = S.conj().T @ MS, S.conj().T @ KS
    gram, image = (gram + gram.conj().T) / 2, (image + image.conj().T) / 2
    diagonal = np.real(np.diag(gram))
    if not np.all(np.isfinite(diagonal)) or np.any(diagonal <= 0):
        raise Indefinite
    scale = 1 / np.sqrt(diagonal)
    lengths, turns = scipy.linalg.eigh(gram * scale[:, None] * scale[None])
    eps = np.finfo(diagonal.dtype).eps
    if lengths[0] < -1e3 * eps * lengths[-1] * len(lengths):
        raise Indefinite
    kept = lengths > max(_INDEPENDENT, 100 * eps) * lengths[-1]
    basis = scale[:, None] * turns[:, kept] / np.sqrt(lengths[kept])
    values, mix = scipy.linalg.eigh(basis.conj().T @ image @ basis)
    return basis @ mix[:, ::-1][:, :b], values[::-1][:b]
