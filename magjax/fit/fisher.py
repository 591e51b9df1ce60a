"""Fisher information: how sharply data determine coordinates, and along which directions they do not at all."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Fisher:
    """The information JᵀJ of residuals with unit variance, by the singular values of their Jacobian J.

    - `singular_values`: s, falling, `(n,)`: 1/s is the standard error along a direction. `directions`: `(n, n)`, rows.
    - `blind`: of each direction, whether nothing in the data changes along it, to rounding.

    >>> import numpy as np
    >>> from magjax.fit import Fisher
    >>> both = Fisher.of(np.array([[1.0, 1.0], [2.0, 2.0]]))  # only a + b is determined
    >>> both.blind.tolist(), both.errors.tolist()
    ([False, True], [inf, inf])
    """

    singular_values: np.ndarray
    directions: np.ndarray
    blind: np.ndarray

    @classmethod
    def of(cls, jacobian: object) -> "Fisher":
        """The information of a Jacobian `(m, n)` of residuals."""
        given = np.asarray(jacobian)
        # What rounding makes of a singular value 0, in the precision in which the derivatives were taken.
        eps = np.finfo(given.dtype).eps if given.dtype.kind == "f" else np.finfo(float).eps
        _, s, rows = np.linalg.svd(given.astype(float), full_matrices=False)
        blind = s <= 200 * eps * max(float(s[0]), np.finfo(float).tiny)
        return cls(s, rows, blind)

    @property
    def information(self) -> np.ndarray:
        """JᵀJ, `(n, n)`."""
        return (self.directions.T * self.singular_values**2) @ self.directions

    @property
    def covariance(self) -> np.ndarray:
        """Its inverse, `(n, n)`, the Cramér–Rao bound: for what is not determined inf on the diagonal, else NaN."""
        inverse = np.where(self.blind, 0, 1 / np.where(self.blind, 1, self.singular_values)) ** 2
        found = (self.directions.T * inverse) @ self.directions
        lost = self.undetermined
        found[lost, :] = found[:, lost] = np.nan
        found[lost, lost] = np.inf
        return found

    @property
    def undetermined(self) -> np.ndarray:
        """Of each coordinate, whether it takes part in a direction to which the data are blind; `(n,)`."""
        return np.asarray((np.abs(self.directions[self.blind]) > 1e-5).any(axis=0))

    @property
    def errors(self) -> np.ndarray:
        """Standard errors of the coordinates, `(n,)`."""
        return np.sqrt(np.diag(self.covariance))
