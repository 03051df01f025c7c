"""The real window on a real X server: taken hold of by xdotool, closed by its own key."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from solver.document import read_document
from solver.export.themes import LIGHT

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

    def drag(self, start, end, steps=8):
        """Take hold of what is at a place and let it go at another."""
        self.xdotool("mousemove", "--sync", *map(str, start))
        self.xdotool("mousedown", "1")
        for step in range(1, steps + 1):
            x, y = (round(a + (b - a) * step / steps) for a, b in zip(start, end, strict=True))
            self.xdotool("mousemove", "--sync", str(x), str(y))
            time.sleep(0.02)
        self.xdotool("mouseup", "1")
        time.sleep(0.3)

    def lines(self):
        """Where the deadline stands across and the budget upwards; None: one is not seen yet."""
        done = subprocess.run(
            [sys.executable, "-c", SEE, LIGHT.deadline, LIGHT.budget],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        found = json.loads(done.stdout)
        return tuple(found) if None not in found else None

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


class Window:
    """The window as a process of its own on the real screen, with a question of its own."""

    def __init__(self, screen, folder):
        self.screen, self.project, self.log = screen, folder / "x.trilemma", folder / "log"
        make = [sys.executable, "-c", MAKE, str(self.project)]
        subprocess.run(make, input=QUESTION, text=True, check=True, cwd=ROOT)
        with self.log.open("wb") as errors:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "gui",
                    "--profile-dir",
                    str(folder / "profile"),
                    str(self.project),
                ],
                env=screen.environment,
                cwd=ROOT,
                stderr=errors,
            )
        number = until(lambda: screen.xdotool("search", "--name", "Trilemma").split("\n")[0])
        screen.xdotool("windowactivate", "--sync", number)
        screen.xdotool("windowsize", "--sync", number, "1360", "820")
        self.children = until(lambda: children_of(self.process.pid))

    def saved(self):
        """What the project holds after it was saved by its key."""
        self.screen.xdotool("key", "ctrl+s")
        time.sleep(0.3)
        return read_document(self.project)

    def answered(self):
        """The question once the answer to it was saved with it."""
        return until(
            lambda: (
                (made := self.saved()).answer is not None
                and made.answer.question == made.question
                and made.question
            )
        )

    def closed(self):
        """Its exit code after its own key."""
        self.screen.xdotool("key", "ctrl+q")
        return self.process.wait(timeout=20)


@pytest.fixture
def window(screen, tmp_path):
    made = Window(screen, tmp_path)
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.process.wait(timeout=10)


def test_that_limits_moved_by_keys_on_a_real_screen_are_saved_and_nothing_is_left(window, screen):
    screen.xdotool("key", "ctrl+b")
    time.sleep(0.3)
    screen.xdotool("type", "12")
    screen.xdotool("key", "Return")
    time.sleep(0.3)
    window.answered()
    screen.xdotool("key", "ctrl+r", "Right", "Right")
    time.sleep(0.3)
    limits = window.saved().question.limits
    code = window.closed()

    assert code == 0
    assert limits.budget_usd == 12
    assert limits.deadline_hours == pytest.approx(6 * 1.02**2, rel=1e-3)
    assert window.log.read_text() == ""
    assert not any(Path(f"/proc/{child}").exists() for child in window.children)


def test_that_both_lines_follow_the_real_mouse_and_the_plan_follows_them(window, screen):
    window.answered()
    upright, level = until(screen.lines)

    screen.drag((upright, level - 80), (upright - 60, level - 80))
    screen.drag((upright - 160, level), (upright - 160, level + 40))
    limits = window.answered().limits
    after = until(screen.lines)
    screen.xdotool("key", "ctrl+z")
    time.sleep(0.3)
    undone = window.saved().question.limits
    code = window.closed()

    assert limits.deadline_hours < 6
    assert limits.budget_usd < 20
    assert after == (pytest.approx(upright - 60, abs=3), pytest.approx(level + 40, abs=3))
    assert (undone.deadline_hours, undone.budget_usd) == (limits.deadline_hours, 20)
    assert (code, window.log.read_text()) == (0, "")


MAKE = """
import sys
from pathlib import Path
from solver.document import Document, write_document
from solver.question_file import parse_question
write_document(Path(sys.argv[1]), Document(parse_question(sys.stdin.read(), "x.toml")), "0")
"""


# The longest run of a colour across and upwards: a line is one, a word in the same colour is not.
SEE = """
import json, sys
import numpy as np
from PySide6.QtGui import QColor, QGuiApplication, QImage
application = QGuiApplication([])
picture = application.primaryScreen().grabWindow(0).toImage()
picture = picture.convertToFormat(QImage.Format.Format_RGB32)
wide, high = picture.width(), picture.height()
pixels = np.frombuffer(picture.constBits(), np.uint32).reshape(high, -1)[:, :wide] & 0xFFFFFF
found = []
for name, axis in zip(sys.argv[1:], (0, 1)):
    many = (pixels == (QColor(name).rgb() & 0xFFFFFF)).sum(axis=axis)
    found.append(int(many.argmax()) if many.max() > 200 else None)
print(json.dumps(found))
"""


def children_of(process):
    """Numbers of the processes that a process has started."""
    tasks = Path(f"/proc/{process}/task/{process}/children")
    return tasks.read_text().split() if tasks.exists() else []
