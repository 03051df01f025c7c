"""The command line as a process: terminals, pipes, interruptions, and what it loads."""

import json
import os
import select
import signal
import subprocess
import sys

import pytest

from solver.examples import example
from tests.support.questions import SMALL

posix = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals and signals are POSIX")

TRILEMMA = (sys.executable, "-m", "gui")

LOADED = """
import sys
sys.argv = ["trilemma", *{words!r}]
from gui.__main__ import main
code = main()
print([name for name in {modules!r} if name in sys.modules], file=sys.stderr)
sys.exit(code)
"""


@pytest.fixture
def small(tmp_path):
    """File of a small question."""
    path = tmp_path / "question.json"
    path.write_text(SMALL["several-jobs"].model_dump_json(), encoding="utf-8")
    return str(path)


def run(*words, **how):
    """A command as a process of its own, without a display."""
    unset = ("DISPLAY", "WAYLAND_DISPLAY", "COLUMNS", "TRILEMMA_DEBUG")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment |= how.pop("environment", {})
    return subprocess.run(
        [*TRILEMMA, *words], capture_output=True, timeout=60, check=False, env=environment, **how
    )


def on_terminal(words, columns, until=None):
    """What a command shows on a terminal, and its exit code; interrupted once it shows `until`."""
    import fcntl  # noqa: PLC0415 - not on Windows
    import struct  # noqa: PLC0415
    import termios  # noqa: PLC0415

    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    process = subprocess.Popen(
        [*TRILEMMA, *words], stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    shown = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
        if until and until in shown:
            process.send_signal(signal.SIGINT)
            until = None
    os.close(ours)
    return shown.decode().replace("\r\n", "\n"), process.wait(60)


@posix
def test_that_a_plan_is_readable_on_eighty_columns_with_its_keys_whole(small):
    shown, code = on_terminal(["plan", small], 80)

    lines = [line.rpartition("\r")[2] for line in shown.splitlines()]
    keys = [line for line in lines if line.endswith("e") and line.count(":") == 5]
    assert code == 0
    assert keys
    assert all(len(line) <= 80 for line in lines if line not in keys)


@posix
def test_that_ctrl_c_ends_with_130_and_one_line():
    shown, code = on_terminal(["plan", str(example("1-tickets.toml"))], 80, until=b"estimating")

    assert code == 130
    assert "Interrupted." in shown
    assert "Traceback" not in shown


@posix
def test_that_a_reader_that_has_seen_enough_is_no_fault():
    process = subprocess.Popen(
        [*TRILEMMA, "catalog", "list", "offers"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )

    process.stdout.readline()
    process.stdout.close()

    assert process.stderr.read() == b""
    assert process.wait(60) == 0
    process.stderr.close()


def test_that_a_terminal_without_these_letters_still_shows_the_plan(small):
    told = run("plan", small, environment={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})

    assert told.returncode == 0
    assert b"1 ? " in told.stdout


def test_that_json_is_utf_8_on_any_terminal(small):
    told = run("plan", small, "--json", "-", environment={"PYTHONIOENCODING": "ascii"})

    assert json.loads(told.stdout.decode())["outcome"] == "solved"


@pytest.mark.parametrize("words", [("plan",), ("plan", "--json", "-")])
def test_that_planning_loads_no_qt(words, small):
    code = LOADED.format(words=[*words, small], modules=["PySide6", "shiboken6", "pyqtgraph"])

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert told.returncode == 0
    assert told.stderr.strip() == b"[]"


def test_that_checking_loads_neither_qt_nor_the_solver(small, tmp_path):
    answer = str(tmp_path / "answer.json")
    run("plan", small, "--quiet", "--json", answer)
    modules = ["PySide6", "pyqtgraph", "pyomo", "highspy"]

    code = LOADED.format(words=["check", answer], modules=modules)
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert told.returncode == 0
    assert told.stderr.strip() == b"[]"


def test_that_the_demo_writes_its_files_without_a_display(tmp_path):
    told = run("demo", "--quiet", cwd=tmp_path)

    assert told.returncode == 0, told.stderr
    written = {path.name: path.read_bytes() for path in (tmp_path / "trilemma-demo").iterdir()}
    assert json.loads(written["answer.json"])["outcome"] == "solved"
    assert written["report.pdf"].startswith(b"%PDF-")
    assert written["region.png"].startswith(b"\x89PNG")
    assert written["region.svg"].lstrip().startswith(b"<svg")
    assert b"[[jobs]]" in written["question.toml"]


def test_that_a_demo_that_cannot_write_says_so(tmp_path):
    (tmp_path / "trilemma-demo").write_text("a file in the way", encoding="utf-8")

    told = run("demo", "--quiet", cwd=tmp_path)

    assert told.returncode == 2
    assert b"Choose a place you can write to." in told.stderr
    assert b"Traceback" not in told.stderr
