"""What a waiting person sees."""

import io
import logging

import pytest

from magjax.run.progress import Progress, Standing, clock, si


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-9, "1 ns"),
        (9.999e-10, "1 ns"),
        (999.6, "1 ks"),
        (1.234e-20, "0.0123 as"),
        (-2e-3, "-2 ms"),
        (float("nan"), "nan s"),
    ],
)
def test_si(value, text):
    assert si(value, "s") == text


def test_clock():
    assert clock(0.4) == "0:00"
    assert clock(3600) == "1:00:00"


def test_standing_counts_from_where_it_took_up():
    standing = Standing(6e-10, 1e-9, 3000, 5e-13, 0.0, wall=1.0, t_before=4e-10, steps_before=1000)
    assert standing.speed == pytest.approx(2e-10, rel=1e-6, abs=0)
    assert standing.left == pytest.approx(2.0, rel=1e-6, abs=0)
    assert "2e+03 steps/s, 200 ps/s, 0:02 left" in str(standing)
    slow = Standing(1e-13, 1e-9, 10, 5e-13, 0.0, wall=1.0)
    assert "360 ps/h" in str(slow)
    first = Standing(0.0, 1e-9, 0, 1e-13, 0.0, wall=0.0)
    assert first.left == float("inf")
    assert str(first) == "0 s of 1 ns, dt 100 fs, torque 0 T"


def standing(part):
    return Standing(part * 1e-9, 1e-9, 10, 1e-13, 0.1, wall=1.0)


def test_plain_lines_come_every_tenth():
    text = io.StringIO()
    with Progress("run", shown=True, log=logging.getLogger("plain"), stream=text) as progress:
        for i in range(1, 101):
            progress.update(standing(i / 100))
        progress.say("done")
    lines = text.getvalue().splitlines()
    assert 9 <= len(lines) <= 12
    assert lines[-1] == "done"


def test_silence_still_logs(caplog):
    text = io.StringIO()
    with (
        caplog.at_level(logging.INFO),
        Progress("run", shown=False, log=logging.getLogger("silent"), stream=text) as progress,
    ):
        progress.update(standing(0.5))
        progress.say("done")
    assert text.getvalue() == ""
    assert len(caplog.records) == 2


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_gets_one_live_line(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    text = Terminal()
    with Progress("run", shown=True, log=logging.getLogger("live"), stream=text) as progress:
        progress.update(standing(0.25))
        progress.update(standing(1.0))
    assert "1 ns of 1 ns" in text.getvalue()
    assert "100%" in text.getvalue()
