"""The strict test world: both precisions, no silent broadcasting, no cache but our own, reproducible randomness."""

import dataclasses
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

# Before anything imports jax or magjax: kernels of a test run never mix with those of the user.
os.environ.setdefault("MPLBACKEND", "agg")
os.environ["MAGJAX_CACHE_DIR"] = tempfile.mkdtemp(prefix="magjax-tests-")
os.environ.setdefault("JAX_ENABLE_X64", "1")

import hypothesis
import jax
import jax.numpy as jnp
import jaxtyping
import numpy as np
import pytest

# Every annotated shape in the library is checked while tests run.
jaxtyping.install_import_hook("magjax", "shape_checker.check_shapes")

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure(config: pytest.Config) -> None:
    """Settings of jax and hypothesis; in the main process and in every worker."""
    jax.config.update("jax_enable_x64", os.environ["JAX_ENABLE_X64"] == "1")
    jax.config.update("jax_numpy_rank_promotion", "raise")
    # Compilation is most of a test's time, and the same programs come back in every run.
    jax.config.update("jax_compilation_cache_dir", str(ROOT / ".pytest_cache" / "xla"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.3)
    # Random examples while working; always the same ones where a red run has to mean a regression.
    # Deadlines would time the compiler.
    common = {"deadline": None, "max_examples": 25, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
    hypothesis.settings.register_profile("work", **common)
    hypothesis.settings.register_profile("ci", **common, derandomize=True, database=None)
    hypothesis.settings.load_profile("ci" if "MAGJAX_CI" in os.environ else "work")


@dataclasses.dataclass(frozen=True)
class Precision:
    """A floating-point type and the tolerances that go with it, relative to the largest value compared.

    They are multiples of the spacing of numbers at 1, `eps`, so that one explanation holds for both types.
    """

    dtype: np.dtype

    @property
    def eps(self) -> float:
        """The spacing of numbers at 1."""
        return float(jnp.finfo(self.dtype).eps)

    @property
    def exact(self) -> float:
        """The rounding of a handful of operations, in whatever order the compiler puts them."""
        return 8 * self.eps

    @property
    def stencil(self) -> float:
        """Sums over neighbours and an FFT there and back: rounding grows with the logarithm of the number of cells."""
        return 100 * self.eps

    @property
    def gradient(self) -> float:
        """A reverse pass through such sums, which adds contributions of opposite sign."""
        return 1000 * self.eps

    @property
    def finite_difference(self) -> float:
        """Central differences: truncation and rounding are equal, at eps^(2/3), when the step is eps^(1/3)."""
        return 100 * self.eps ** (2 / 3)


SINGLE = Precision(np.dtype("float32"))
DOUBLE = Precision(np.dtype("float64"))


@pytest.fixture(params=[SINGLE, DOUBLE], ids=["float32", "float64"])
def precision(request: pytest.FixtureRequest) -> Precision:
    """Both precisions, each with its own named tolerances."""
    return request.param


@pytest.fixture
def dtype(precision: Precision) -> np.dtype:
    """Both floating-point types, for a test that needs no tolerance."""
    return precision.dtype


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """A generator seeded by the test's own name: reproducible, and no two tests share their numbers."""
    return np.random.default_rng(list(request.node.name.encode()))


@pytest.fixture
def key() -> jax.Array:
    """A random key of jax."""
    return jax.random.key(20)


@pytest.fixture(autouse=True, scope="module")
def _bounded_memory() -> Iterator[None]:
    """Compiled programs of one file do not pile up until the workers together fill the memory."""
    yield
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return
    if pages * os.sysconf("SC_PAGE_SIZE") > 3 << 30:
        jax.clear_caches()


@pytest.fixture(autouse=True)
def _closed_figures() -> Iterator[None]:
    """Figures left open by one test do not pile up until matplotlib warns in another."""
    yield
    import sys

    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
