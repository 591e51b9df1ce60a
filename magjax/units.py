"""Quantities as people write them: "5 nm", "24.6 mT", "13 pJ/m" as numbers in SI units.

Angles are a dimension of their own and a hertz is one turn per second, so "28 GHz/T" and "1.76e11 rad/(s T)" are the
same gyromagnetic ratio and neither can be mistaken for the other.
"""

import dataclasses
import difflib
import math
import re
from collections.abc import Iterator

from magjax import constants

Dimension = tuple[int, int, int, int, int, int]


class UnitError(ValueError):
    """A quantity that cannot be understood, or is of another kind than asked for.

    - `problem`: what is wrong, as the rest of a sentence that begins with the quantity's name.
    """

    def __init__(self, problem: str, name: str = "value"):
        super().__init__(f"Argument `{name}` {problem}")
        self.problem = problem


@dataclasses.dataclass(frozen=True)
class Unit:
    """A unit as a factor to SI and the exponents of m, kg, s, A, K, rad.

    >>> from magjax import units
    >>> units.parse_unit("kA/m")
    Unit(factor=1000.0, dimension=(-1, 0, 0, 1, 0, 0))
    """

    factor: float
    dimension: Dimension

    def __mul__(self, other: "Unit") -> "Unit":
        m, kg, s, a, k, rad = (x + y for x, y in zip(self.dimension, other.dimension, strict=True))
        return Unit(self.factor * other.factor, (m, kg, s, a, k, rad))

    def __pow__(self, power: int) -> "Unit":
        m, kg, s, a, k, rad = (x * power for x in self.dimension)
        return Unit(self.factor**power, (m, kg, s, a, k, rad))


def _unit(factor: float = 1.0, *, m: int = 0, kg: int = 0, s: int = 0, A: int = 0, K: int = 0, rad: int = 0) -> Unit:
    return Unit(factor, (m, kg, s, A, K, rad))


#: Units by symbol, and whether SI prefixes go with them.
_UNITS: dict[str, tuple[Unit, bool]] = {
    "m": (_unit(m=1), True),
    "g": (_unit(1e-3, kg=1), True),
    "s": (_unit(s=1), True),
    "min": (_unit(60.0, s=1), False),
    "h": (_unit(3600.0, s=1), False),
    "d": (_unit(86400.0, s=1), False),
    # The Julian year of 365.25 days.
    "yr": (_unit(86400.0 * 365.25, s=1), True),
    "A": (_unit(A=1), True),
    "K": (_unit(K=1), True),
    "rad": (_unit(rad=1), True),
    "deg": (_unit(math.pi / 180, rad=1), False),
    "°": (_unit(math.pi / 180, rad=1), False),
    "Hz": (_unit(2 * math.pi, s=-1, rad=1), True),
    "N": (_unit(m=1, kg=1, s=-2), True),
    "J": (_unit(m=2, kg=1, s=-2), True),
    "W": (_unit(m=2, kg=1, s=-3), True),
    "C": (_unit(s=1, A=1), True),
    "V": (_unit(m=2, kg=1, s=-3, A=-1), True),
    "T": (_unit(kg=1, s=-2, A=-1), True),
    "eV": (_unit(constants.E_CHARGE, m=2, kg=1, s=-2), True),
    "Å": (_unit(1e-10, m=1), False),
    "Oe": (_unit(1e3 / (4 * math.pi), m=-1, A=1), True),
    "G": (_unit(1e-4, kg=1, s=-2, A=-1), True),
    "erg": (_unit(1e-7, m=2, kg=1, s=-2), True),
    "emu": (_unit(1e-3, m=2, A=1), True),
    "%": (_unit(1e-2), False),
    "1": (_unit(), False),
}
_PREFIXES = {
    "a": 1e-18, "f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "m": 1e-3, "c": 1e-2,
    "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
}  # fmt: skip
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_NUMBER = re.compile(r"[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_TOKEN = re.compile(r"\s*(?:([A-Za-zµμÅ°%]+|1(?![\d.]))(?:\^?([+-]?\d+))?|([()/*·⋅]))")
_LONGEST = 80
#: What kind of thing a unit measures, for messages.
_KINDS = {
    "m": "a length", "s": "a time", "Hz": "a frequency", "rad": "an angle", "K": "a temperature", "T": "a field B",
    "A/m": "a field H or a magnetisation", "J": "an energy", "J/m": "an exchange stiffness", "J/m2": "a surface energy",
    "J/m3": "an energy density", "A/m2": "a current density", "rad/(s T)": "a gyromagnetic ratio γ",
    "m/(A s)": "a gyromagnetic ratio γ0 = μ0γ", "A": "a current", "m/s": "a velocity", "": "a number without unit",
}  # fmt: skip


def quantity(value: str | float, unit: str, name: str = "value") -> float:
    """A quantity as a number in `unit`.

    - `value`: a text such as "5 nm", or a number that is in `unit` already.
    - `unit`: the unit of the result, such as "m" or "J/m3"; "" for a number without unit.
    - `name`: how messages call the quantity.

    **Raises** `UnitError` (a `ValueError`) for a text that is not understood, for another kind of quantity than
    `unit` measures, and for numbers that are not finite.

    >>> from magjax import units
    >>> units.quantity("5 nm", "m"), units.quantity("0.5 MJ/m³", "J/m3"), units.quantity(8e5, "A/m")
    (5e-09, 500000.0, 800000.0)
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise UnitError(f"must be a number or a text with a unit, {_example(unit)}, but got {_short(value)}.", name)
    number, given = _split(value, unit, name) if isinstance(value, str) else (_finite(value, name), None)
    if not given:
        return number
    wanted = parse_unit(unit)
    try:
        found = parse_unit(given, like=wanted)
    except UnitError as error:
        raise UnitError(error.problem, name) from None
    if found.dimension != wanted.dimension:
        raise UnitError(_mismatch(str(value), given, found, unit, wanted), name)
    # Factors of ten as one decimal exponent: "5 nm" is the float 5e-09 itself, not 5 × 1e-9 rounded twice.
    return _finite(_scaled(number, found.factor / wanted.factor), name)


def measure(text: str, name: str = "value") -> tuple[float, str]:
    """A quantity of any kind as a number in SI units, and that unit; "" for a number without one.

    **Raises** `UnitError` as `quantity` does.

    >>> from magjax import units
    >>> units.measure("5 nm"), units.measure("800 kA/m")
    ((5e-09, 'm'), (800000.0, 'A/m'))
    """
    number, given = _split(text, "", name)
    if not given:
        return number, ""
    found = parse_unit(given)
    named = next((known for known in _KINDS if parse_unit(known).dimension == found.dimension), None)
    unit = named if named is not None else _written(found.dimension)
    return _finite(_scaled(number, found.factor / parse_unit(unit).factor), name), unit


def parse_unit(text: str, *, like: Unit | None = None) -> Unit:
    """A unit from its text: prefixes, products (`A m2`, `A·m²`, `A*m^2`), quotients and brackets.

    - `text`: the unit.
    - `like`: a unit of the kind expected; messages suggest such units first.

    **Raises** `UnitError` for an unknown unit (naming the nearest), and a product after a quotient without brackets.

    >>> from magjax import units
    >>> units.parse_unit("m/(A s)").dimension
    (1, 0, -1, -1, 0, 0)
    """
    if len(text) > _LONGEST:
        raise UnitError(f"must have a unit of at most {_LONGEST} characters, but got one of {len(text)}.")
    tokens = list(_tokens(text))
    if not tokens:
        return _unit()
    unit, rest = _expression(tokens, text, like)
    if rest:
        raise UnitError(f"must have a unit with matching brackets, but got {text!r}.")
    return unit


def _split(text: str, unit: str, name: str) -> tuple[float, str]:
    stripped = text.strip().replace("−", "-")
    match = _NUMBER.match(stripped)
    if match is None or len(stripped) > 2 * _LONGEST:
        raise UnitError(f"must be a number with a unit, {_example(unit)}, but got {_short(text)}.", name)
    rest = stripped[match.end() :]
    if rest.startswith(","):
        raise UnitError(f"must be written with a decimal point, but got {_short(text)}.", name)
    return _finite(float(match[0].replace("_", "")), name), rest.strip()


def _finite(number: float, name: str) -> float:
    try:
        number = float(number)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise UnitError(f"must be finite, but got {number}.", name)
    return number


def _scaled(number: float, factor: float) -> float:
    exponent = round(math.log10(factor))
    if math.isclose(factor, 10.0**exponent, rel_tol=1e-12):
        return float(f"{number!r}e{exponent}") if "e" not in repr(number) else _shifted(repr(number), exponent)
    return number * factor


def _shifted(digits: str, exponent: int) -> float:
    mantissa, power = digits.split("e")
    return float(f"{mantissa}e{int(power) + exponent}")


def _tokens(text: str) -> Iterator[tuple[str, str, str]]:
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda m: "^" + m[0].translate(_SUPERSCRIPTS), text.strip())
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise UnitError(f"must have a unit such as 'nm' or 'J/m3', but got {text!r}.")
        position = match.end()
        yield match[1] or "", match[2] or "", match[3] or ""


def _expression(
    tokens: list[tuple[str, str, str]], text: str, like: Unit | None
) -> tuple[Unit, list[tuple[str, str, str]]]:
    """A product of factors, up to the end or a closing bracket; returns what follows it."""
    unit, divided, inverse, expecting = _unit(), False, False, True
    while tokens and tokens[0][2] != ")":
        symbol, power, sign = tokens.pop(0)
        if sign in {"/", "*", "·", "⋅"}:
            if expecting:
                raise UnitError(f"must have a unit with a factor on each side of {sign!r}, but got {text!r}.")
            inverse, expecting = sign == "/", True
            divided = divided or inverse
            continue
        if divided and not inverse:
            raise UnitError(f"must have a unit with brackets in its denominator, such as 'm/(A s)', but got {text!r}.")
        if sign == "(":
            factor, tokens = _expression(tokens, text, like)
            if not tokens:
                raise UnitError(f"must have a unit with matching brackets, but got {text!r}.")
            tokens.pop(0)
        else:
            if abs(int(power or 1)) > 9:
                raise UnitError(f"must have a unit with exponents below 10, but got {text!r}.")
            factor = _symbol(symbol, like) ** int(power or 1)
        unit = unit * (factor**-1 if inverse else factor)
        inverse = expecting = False
    if expecting:
        raise UnitError(f"must have a unit such as 'nm' or 'J/m3', but got {text!r}.")
    return unit, tokens


def _symbol(symbol: str, like: Unit | None) -> Unit:
    if symbol in _UNITS:
        return _UNITS[symbol][0]
    prefix, rest = symbol[:1], symbol[1:]
    if prefix in _PREFIXES and rest in _UNITS and _UNITS[rest][1]:
        unit = _UNITS[rest][0]
        return Unit(_PREFIXES[prefix] * unit.factor, unit.dimension)
    nearest = _nearest(symbol, like)
    advice = f"did you mean {nearest!r}?" if nearest else "use SI units such as nm, ps, mT, kA/m, pJ/m, MJ/m3."
    raise UnitError(f"has the unknown unit {symbol!r}; {advice}")


def _written(dimension: Dimension) -> str:
    pairs = zip(("m", "kg", "s", "A", "K", "rad"), dimension, strict=True)
    return " ".join(f"{base}{power if power != 1 else ''}" for base, power in pairs if power)


def _nearest(symbol: str, like: Unit | None) -> str | None:
    """The unit that was probably meant: of the kind expected first, and right but for its case before misspelt."""
    known = {
        prefix + u: unit
        for u, (unit, able) in _UNITS.items()
        if u != "1"
        for prefix in ("", *(_PREFIXES if able else ()))
    }
    fitting = [k for k, unit in known.items() if like is not None and unit.dimension == like.dimension]
    for candidates in (fitting, list(known)):
        folded = [k for k in candidates if k.lower() == symbol.lower()]
        close = folded or difflib.get_close_matches(symbol, candidates, n=1, cutoff=0.5)
        if close:
            return close[0]
    return None


def _mismatch(value: str, given: str, found: Unit, unit: str, wanted: Unit) -> str:
    kind = next((text for known, text in _KINDS.items() if parse_unit(known).dimension == found.dimension), "")
    expected = f"in {unit}" if unit else "a number without unit"
    tesla, ampere = parse_unit("T").dimension, parse_unit("A/m").dimension
    advice = f"write it {_example(unit)}"
    if {found.dimension, wanted.dimension} == {tesla, ampere}:
        advice = "1 T corresponds to 795.775 kA/m (B = μ0 H), so convert it or use the key for the other one"
    elif _without_angle(found) == _without_angle(wanted):
        advice = "angles count: a frequency is in Hz (turns per second) or rad/s, γ in rad/(s T) or Hz/T"
    return f"must be {expected}, but got {_short(value)}{kind and f', {kind}'}; {advice}."


def _without_angle(unit: Unit) -> tuple[int, ...]:
    return unit.dimension[:-1]


_EXAMPLES = {
    "m": "5 nm", "s": "10 ps", "Hz": "5 GHz", "rad": "30 deg", "T": "24.6 mT", "A/m": "800 kA/m", "J/m": "13 pJ/m",
    "J/m3": "50 kJ/m3", "J": "1e-18 J", "K": "300 K", "rad/(s T)": "28 GHz/T", "m/(A s)": "2.211e5 m/(A s)",
}  # fmt: skip


def _example(unit: str) -> str:
    return f'such as "{_EXAMPLES.get(unit, f"1 {unit}".strip())}"'


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
