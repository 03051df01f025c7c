"""The real window on a real X server: taken hold of by xdotool, closed by its own key."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from solver.document import read_document

ROOT = Path(__file__).parents[2]
TOOLS = {name: shutil.which(name) for name in ("Xvfb", "xdotool", "openbox")}

pytestmark = [
    pytest.mark.gui,
    pytest.mark.slow,
    pytest.mark.xdist_group("gui"),
    pytest.mark.skipif(not all(TOOLS.values()), reason=f"needs {', '.join(TOOLS)} on the machine"),
]

QUESTION = """
title = "tickets under X"
[limits]
deadline_hours = 6
budget_usd = 20
providers = ["aws"]
[[jobs]]
family = "classification"
classes = 12
examples = 40_000
tokens_per_example = 128
models.names = ["RoBERTa-base"]
"""


class Screen:
    """An X server of our own with a window manager."""

    def __init__(self):
        ready, told = os.pipe()
        self.server = subprocess.Popen(
            [
                TOOLS["Xvfb"],
                "-displayfd",
                str(told),
                "-screen",
                "0",
                "1400x900x24",
                "-nolisten",
                "tcp",
            ],
            pass_fds=[told],
            stderr=subprocess.DEVNULL,
        )
        os.close(told)
        with os.fdopen(ready) as stream:
            self.name = f":{stream.readline().strip()}"
        self.environment = {**os.environ, "DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb"}
        self.manager = subprocess.Popen(
            [TOOLS["openbox"]], env=self.environment, stderr=subprocess.DEVNULL
        )

    def xdotool(self, *words):
        done = subprocess.run(
            [TOOLS["xdotool"], *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip()

    def close(self):
        for process in (self.manager, self.server):
            process.terminate()
            process.wait(timeout=10)


def until(found, patience_s=60):
    """What `found` gives once it gives something."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


@pytest.fixture
def screen():
    made = Screen()
    yield made
    made.close()


def test_that_limits_moved_on_a_real_screen_are_saved_and_nothing_is_left(screen, tmp_path):
    project = tmp_path / "x.trilemma"
    subprocess.run(
        [sys.executable, "-c", MAKE, str(project)], input=QUESTION, text=True, check=True, cwd=ROOT
    )
    log = tmp_path / "log"
    with log.open("wb") as errors:
        window = subprocess.Popen(
            [sys.executable, "-m", "gui", "--profile-dir", str(tmp_path / "p"), str(project)],
            env=screen.environment,
            cwd=ROOT,
            stderr=errors,
        )
    number = until(lambda: screen.xdotool("search", "--name", "Trilemma").split("\n")[0])
    screen.xdotool("windowactivate", "--sync", number)
    screen.xdotool("windowsize", "--sync", number, "1360", "820")
    children = until(lambda: children_of(window.pid))

    screen.xdotool("key", "ctrl+b")
    time.sleep(0.3)
    screen.xdotool("type", "12")
    screen.xdotool("key", "Return")
    time.sleep(0.3)
    until(lambda: saved(screen, project).answer)
    screen.xdotool("key", "ctrl+r", "Right", "Right")
    time.sleep(0.3)
    limits = saved(screen, project).question.limits
    screen.xdotool("key", "ctrl+q")
    code = window.wait(timeout=20)

    assert code == 0
    assert limits.budget_usd == 12
    assert limits.deadline_hours == pytest.approx(6 * 1.02**2, rel=1e-3)
    assert log.read_text() == ""
    assert not any(Path(f"/proc/{child}").exists() for child in children)


MAKE = """
import sys
from pathlib import Path
from solver.document import Document, write_document
from solver.question_file import parse_question
write_document(Path(sys.argv[1]), Document(parse_question(sys.stdin.read(), "x.toml")), "0")
"""


def saved(screen, project):
    """What the project holds after it was saved by its key."""
    screen.xdotool("key", "ctrl+s")
    time.sleep(0.3)
    return read_document(project)


def children_of(process):
    """Numbers of the processes that a process has started."""
    tasks = Path(f"/proc/{process}/task/{process}/children")
    return tasks.read_text().split() if tasks.exists() else []
