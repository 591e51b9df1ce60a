"""Quantities: what is understood, what is refused, and with which words."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magjax import constants
from magjax.units import Unit, UnitError, measure, parse_unit, quantity


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("5 nm", "m", 5e-9),
        ("5nm", "m", 5e-9),
        ("2.5 nm", "m", 2.5e-9),
        ("3 µm", "m", 3e-6),  # micro sign
        ("3 μm", "m", 3e-6),  # Greek mu
        ("3 um", "m", 3e-6),
        ("2 Å", "m", 2e-10),
        ("24.6 mT", "T", 24.6e-3),
        ("−24.6 mT", "T", -24.6e-3),  # the minus sign of typography
        ("13 pJ/m", "J/m", 13e-12),
        ("800 kA/m", "A/m", 8e5),
        ("0.5 MJ/m3", "J/m3", 5e5),
        ("0.5 MJ/m³", "J/m3", 5e5),
        ("0.5 MJ/m^3", "J/m3", 5e5),
        ("0.5 MJ m^-3", "J/m3", 5e5),
        ("1.5 mJ/m²", "J/m2", 1.5e-3),
        ("1e12 A/m2", "A/m2", 1e12),
        ("2.211e5 m/(A s)", "m/(A s)", 2.211e5),
        ("2.211e5 m/(A·s)", "m/(A s)", 2.211e5),
        ("2.211e5 m/A/s", "m/(A s)", 2.211e5),
        ("30 GHz", "Hz", 30e9),
        ("300 K", "K", 300.0),
        ("5 %", "", 0.05),
        ("1_000", "m", 1000.0),
        ("0.02", "", 0.02),
        (8e5, "A/m", 8e5),
        (1, "A/m", 1.0),
    ],
)
def test_decimal_units_are_exact(text: str | float, unit: str, expected: float) -> None:
    # Equality, not closeness: "5 nm" must be the float that 5e-9 is, so that configs and scripts agree to the last bit.
    assert quantity(text, unit) == expected


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("90 deg", "rad", math.pi / 2),
        ("28 GHz/T", "rad/(s T)", 28e9 * 2 * math.pi),
        ("1e9 rad/s", "Hz", 1e9 / (2 * math.pi)),
        ("1 kOe", "A/m", 1e6 / (4 * math.pi)),
        ("10 kG", "T", 1.0),
        ("1 eV", "J", constants.E_CHARGE),
        ("1e-6 erg/cm", "J/m", 1e-11),
        ("800 emu/cm3", "A/m", 8e5),
    ],
)
def test_other_systems_are_converted(text: str, unit: str, expected: float) -> None:
    assert quantity(text, unit) == pytest.approx(expected, rel=1e-14, abs=0)


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        ("13 mT", "J/m", ["must be in J/m", "'13 mT'", "a field B", '"13 pJ/m"']),
        ("1 T", "A/m", ["795.775 kA/m"]),
        ("5 nn", "m", ["unknown unit 'nn'", "did you mean 'nm'?"]),
        ("5 NM", "m", ["did you mean 'nm'?"]),
        ("5 khz", "Hz", ["did you mean 'kHz'?"]),
        ("1e9 1/s", "Hz", ["angles count"]),
        ("5 nm", "", ["a number without unit", "a length"]),
        ("1 m/A s", "m/(A s)", ["brackets in its denominator"]),
        ("1,5 nm", "m", ["decimal point"]),
        ("nm", "m", ["a number with a unit"]),
        ("", "m", ["a number with a unit"]),
        ("nan", "m", ["a number with a unit"]),
        (math.nan, "m", ["must be finite"]),
        ("1e999 m", "m", ["must be finite"]),
        (10**400, "m", ["must be finite"]),
        (True, "m", ["a number or a text"]),
        ([1.0], "m", ["a number or a text"]),
        ("5 (m", "m", ["matching brackets"]),
        ("5 m)", "m", ["matching brackets"]),
        ("5 m//s", "m/s", ["factor on each side"]),
        ("5 m/", "m", ["such as 'nm'"]),
        ("5 m99", "m", ["exponents below 10"]),
        ("5 " + "m" * 200, "m", ["must be a number with a unit"]),
    ],
)
def test_what_is_refused(value: object, unit: str, words: list[str]) -> None:
    with pytest.raises(UnitError) as caught:
        quantity(value, unit, "energy.exchange.A")  # type: ignore[arg-type]
    message = str(caught.value)
    assert message.startswith("Argument `energy.exchange.A` ")
    assert "\n" not in message
    assert len(message) < 250
    for part in words:
        assert part in message


@pytest.mark.parametrize("text", ["__import__('os').system('true')", "1e-9*5", "2**3 m", "open('x')", "1 if 1 else 2"])
def test_expressions_are_not_evaluated(text: str) -> None:
    with pytest.raises(UnitError):
        quantity(text, "m")


@given(
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.sampled_from(["f", "p", "n", "u", "m", "k", "M", "G"]),
)
def test_prefixes_are_powers_of_ten(number: float, prefix: str) -> None:
    power = {"f": -15, "p": -12, "n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9}[prefix]
    for unit in ("m", "T", "s", "A/m", "J/m3"):
        assert quantity(f"{number!r} {prefix}{unit}", unit) == pytest.approx(
            float(f"{number:.17e}") * 10.0**power, rel=1e-15, abs=0
        )


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_a_unit_error(text: str) -> None:
    try:
        outcome = quantity(text, "m")
    except UnitError as error:
        outcome = str(error)
    assert "\n" not in outcome if isinstance(outcome, str) else math.isfinite(outcome)


@given(st.integers(-4, 4), st.integers(-4, 4))
def test_units_multiply(a: int, b: int) -> None:
    metre, second = parse_unit("nm"), parse_unit("ms")
    product = metre**a * second**b
    assert isinstance(product, Unit)
    assert product.dimension[:3] == (a, 0, b)
    assert product.factor == pytest.approx(1e-9**a * 1e-3**b, rel=1e-13, abs=0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 nm", (5e-9, "m")),
        ("24.6 mT", (24.6e-3, "T")),
        ("3", (3.0, "")),
        ("1 mW", (1e-3, "m2 kg s-3")),
        ("90 deg", (math.pi / 2, "rad")),
    ],
)
def test_measure_tells_the_unit(text: str, expected: tuple[float, str]) -> None:
    assert measure(text) == expected
