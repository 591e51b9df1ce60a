"""Every comparison in the tests says what it allows in absolute terms.

`pytest.approx(x, rel=…)` allows 1e-12 whatever x is, and `allclose` and `isclose` allow 1e-8. In SI units that is more
than much of what is compared: any energy would equal 1e-18 J, and any time up to 2 ps would equal 1 ps.
"""

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# `numpy.testing.assert_allclose` is not among them: its own default is 0.
ABSOLUTE = {"approx": "abs", "allclose": "atol", "isclose": "atol"}
# The one of the standard library, whose default is 0, too.
EXACT = {"math"}


def unsaid(source: str) -> list[str]:
    """The comparisons that leave their absolute tolerance to a default, as `line: name`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func).split(".")
        keyword = ABSOLUTE.get(called[-1])
        if keyword and called[0] not in EXACT and keyword not in {k.arg for k in node.keywords}:
            found.append(f"{node.lineno}: {called[-1]} without `{keyword}`")
    return found


@pytest.mark.parametrize("path", sorted(HERE.rglob("*.py")), ids=lambda path: path.relative_to(HERE).as_posix())
def test_absolute_tolerances_are_said(path: Path) -> None:
    """Where a relative tolerance is meant, give `rel=…, abs=0`: `abs` without `rel` would leave no relative one."""
    assert unsaid(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("assert E == pytest.approx(1e-18, rel=1e-9)", ["1: approx without `abs`"]),
        ("assert t == approx(1e-12)", ["1: approx without `abs`"]),
        ("\nassert np.allclose(a, b, rtol=1e-6)", ["2: allclose without `atol`"]),
        ("jnp.isclose(a, b)", ["1: isclose without `atol`"]),
        ("assert E == pytest.approx(1e-18, rel=1e-9, abs=0)", []),
        ("assert np.allclose(a, b, atol=1e-6)", []),
        ("np.testing.assert_allclose(a, b, rtol=1e-6)", []),
        ("math.isclose(a, b)", []),
    ],
)
def test_the_rule_itself(source: str, expected: list[str]) -> None:
    """What it has to find, and what it has to let pass."""
    assert unsaid(source) == expected


def test_why_the_rule_is_there() -> None:
    """Two energies a factor of 30 apart: equal by default, not once the absolute tolerance is named."""
    assert pytest.approx(1e-18, rel=1e-9, abs=1e-12) == 3e-17
    assert pytest.approx(1e-18, rel=1e-9, abs=0) != 3e-17
