"""How a solve ended: success or failure is a value, and each failure comes with advice."""

import enum

import jax.numpy as jnp
import numpy as np


class Outcome(enum.IntEnum):
    """How a solve ended. `Outcome(code).advice` says what to try.

    >>> from magjax.results import Outcome
    >>> Outcome(2).name, Outcome(2).succeeded
    ('NOT_FINITE', False)
    """

    SUCCESS = 0
    STOPPED = 1
    NOT_FINITE = 2
    STEP_TOO_SMALL = 3
    MAX_STEPS = 4
    NOT_CONVERGED = 5
    INTERRUPTED = 6
    UNSTABLE = 7
    LOST = 8

    @classmethod
    def worst(cls, codes: object) -> "Outcome":
        """The outcome of a solve, or the worst of a batch, from the integer code or an array of them."""
        return cls(int(np.max(np.asarray(jnp.asarray(codes)))))

    @property
    def succeeded(self) -> bool:
        """Whether the result can be used: the end was reached, or a stop condition fired."""
        return self in (Outcome.SUCCESS, Outcome.STOPPED)

    @property
    def advice(self) -> str:
        """What happened and what to try."""
        return _ADVICE[self]


_ADVICE = {
    Outcome.SUCCESS: "The solve reached its end.",
    Outcome.STOPPED: "A stop condition was met.",
    Outcome.NOT_FINITE: (
        "A value became NaN or infinite. Check the units of the parameters (T against mT, m against nm) and any energy "
        "or drive of your own; with a fixed step, reduce `dt`."
    ),
    Outcome.UNSTABLE: (
        "A fixed step was wrong by more than half a radian: too long for the stiffest field, usually exchange. Reduce "
        "`dt`, or leave it out to have the step controlled."
    ),
    Outcome.STEP_TOO_SMALL: (
        "The step fell below what time can resolve. Loosen `tolerance`, use double precision, or look for a jump in "
        "time or an energy whose gradient is not smooth."
    ),
    Outcome.MAX_STEPS: "The number of steps reached `max_steps` before the end. Raise `max_steps`, or shorten the run.",
    Outcome.NOT_CONVERGED: (
        "What is still to be done stayed above the tolerance: the largest torque of a state, the residual of an "
        "eigenvector. Raise `max_steps`, loosen `tolerance`, use double precision, or start closer to the answer."
    ),
    Outcome.LOST: (
        "There was nothing left to follow: the wall or skyrmion left the window within one interval, or is no more. "
        "Look more often, take a wider window, or a weaker drive."
    ),
    Outcome.INTERRUPTED: (
        "The run was asked to stop before its end. Everything up to then is saved; `resume=True` goes on from there."
    ),
}


class SolveError(RuntimeError):
    """A solve that failed; the message says what happened and what to try.

    - `outcome`: the `Outcome`.

    >>> from magjax.results import Outcome, SolveError
    >>> SolveError(Outcome.MAX_STEPS, "evolve").outcome.name
    'MAX_STEPS'
    """

    def __init__(self, outcome: Outcome, verb: str, detail: str = ""):
        super().__init__(f"`{verb}` failed{detail and ' ' + detail}: {outcome.advice}")
        self.outcome = outcome


def check(code: object, verb: str, detail: str = "") -> Outcome:
    """The outcome of a finished solve; of a batch, the worst.

    - `code`: integer outcome, or an array of them.

    **Raises** `SolveError` when it failed.

    >>> from magjax.results import check
    >>> check(0, "evolve").name
    'SUCCESS'
    """
    worst = Outcome.worst(code)
    if not worst.succeeded:
        raise SolveError(worst, verb, detail)
    return worst
