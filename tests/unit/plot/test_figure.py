import pytest

from magjax.plot.figure import label, new_figure, prefixed


@pytest.mark.parametrize(
    ("largest", "unit", "expected"),
    [
        (500e-9, "m", (1e9, "nm")),
        (1e-9, "s", (1e9, "ns")),
        (0.999e-9, "s", (1e12, "ps")),
        (1000.0, "A/m", (1e-3, "kA/m")),
        (3.0, "T", (1.0, "T")),
        (2e-6, "m", (1e6, "µm")),
        (1e11, "rad/s", (1e-9, "Grad/s")),
        (1e-30, "J", (1e24, "yJ")),
        (1e-9, "", (1.0, "")),
        (1e-16, "m²", (1.0, "m²")),
        (1e6, "1/s", (1.0, "1/s")),
        (0.0, "s", (1.0, "s")),
        (float("nan"), "s", (1.0, "s")),
    ],
)
def test_prefixes(largest, unit, expected):
    factor, shown = prefixed(largest, unit)
    assert shown == expected[1]
    assert factor == pytest.approx(expected[0], rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("name", "unit", "expected"),
    [
        ("m_x", "", "$m_{x}$"),
        ("E_total", "J", r"$E_{\mathrm{total}}$ (J)"),
        ("B_demag_x", "T", r"$B_{\mathrm{demag},x}$ (T)"),
        ("E_zero_field", "", r"$E_{\mathrm{zero\ field}}$"),
        ("t", "ns", "$t$ (ns)"),
        ("max_torque", "rad/s", "max torque (rad/s)"),
        ("", "T", " (T)"),
    ],
)
def test_labels(name, unit, expected):
    assert label(name, unit) == expected


def test_a_figure_shows_itself_in_a_notebook():
    figure = new_figure(2, 1)
    assert figure._repr_png_().startswith(b"\x89PNG")
