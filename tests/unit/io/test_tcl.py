import pytest

from magjax.io import tcl


@pytest.mark.parametrize(
    "elements", [[], ["a"], ["m_x", "m_y"], ["Total energy density", "", "J/m^3"], ["", ""], ["Oxs_A::mx"]]
)
def test_round_trip(elements):
    assert tcl.split(tcl.join(elements)) == elements


def test_what_would_break_a_list_becomes_space():
    assert tcl.split(tcl.join(['a{b}"c\nd'])) == ["a b c d"]


def test_oommf_writes_spaces_quotes_and_braces():
    assert tcl.split('  {Max mxHxm}   Oxs_A::mx  "b c" {}  ') == ["Max mxHxm", "Oxs_A::mx", "b c", ""]
