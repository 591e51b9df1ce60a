import numpy as np
import pytest

from magjax.plot.series import plot_series


def test_one_panel_per_unit(dtype, rendered):
    t = np.linspace(0, 2e-9, 50).astype(dtype)
    columns = {"m_x": np.cos(t * 1e10), "E_total": -1e-18 * t / t.max(), "m_y": np.sin(t * 1e10)}
    figure = plot_series(t, columns, units={"E_total": "J"}, title="a run")
    top, bottom = figure.axes
    assert bottom.get_xlabel() == "$t$ (ns)"
    assert top.get_ylabel() == "$m$"
    assert bottom.get_ylabel() == r"$E_{\mathrm{total}}$ (aJ)"
    assert [text.get_text() for text in top.get_legend().get_texts()] == ["$m_{x}$", "$m_{y}$"]
    assert bottom.get_legend() is None
    np.testing.assert_allclose(top.lines[1].get_xdata(), t * 1e9, rtol=1e-6)
    np.testing.assert_allclose(top.lines[1].get_ydata(), columns["m_y"])
    np.testing.assert_allclose(bottom.lines[0].get_ydata().min(), -1, rtol=1e-6)
    assert top.get_title("left") == "a run"
    assert rendered(figure).std() > 10


def test_another_axis_than_time():
    figure = plot_series([0, 0.05], {"m_z": [0, 1]}, x_name="B_ext", x_unit="T")
    assert figure.axes[0].get_xlabel() == r"$B_{\mathrm{ext}}$ (mT)"


def test_gaps_and_no_rows(rendered):
    assert rendered(plot_series([0, 1, 2], {"a": [1, np.nan, 2]})).std() > 5
    assert rendered(plot_series([], {"a": []})).std() > 5


def test_into_given_axes():
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.subplots()
    assert plot_series([0, 1], {"a": [0, 1], "b": [1, 0]}, ax=axes) is figure
    with pytest.raises(ValueError, match="one unit"):
        plot_series([0, 1], {"a": [0, 1], "b": [1, 0]}, units={"b": "J"}, ax=axes)


def test_bad_arguments():
    with pytest.raises(ValueError, match="at least one"):
        plot_series([0], {})
    with pytest.raises(ValueError, match="as long as"):
        plot_series([0, 1], {"a": [1]})
