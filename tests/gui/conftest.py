"""The real window with the real worker, offscreen; what is left behind fails the test."""

import os
import threading

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from gui.application import make_application
from gui.application import open_window as make_window
from gui.settings import profile_of
from solver.examples import example
from solver.question_file import read_question

ANSWER_WITHIN_MS = 60_000


def pytest_collection_modifyitems(items):
    """Offscreen says of every window what it cannot do: that is no fault of ours."""
    for item in items:
        item.add_marker(pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise)"))


class Hand:
    """What a person does with the window."""

    def __init__(self, window, qtbot):
        self.window, self.bot = window, qtbot

    @property
    def store(self):
        return self.window.session.store

    def answered(self):
        """Wait for the answer to the present question."""
        self.bot.waitUntil(lambda: self.store.shown.is_current, timeout=ANSWER_WITHIN_MS)
        return self.store.shown.answer

    def pixel(self, x, y):
        """The pixel of the plot at a place of its plane."""
        plot = self.window.region.plot
        scene = plot.getPlotItem().getViewBox().mapViewToScene(QPointF(x, y))
        return plot.mapFromScene(scene)

    def drag(self, line, to, steps=6):
        """Drag a limit's line to a place on its axis with the mouse."""
        plot = self.window.region.plot
        box = plot.getPlotItem().getViewBox().viewRange()
        upright = line is plot.deadline_line
        across = box[1][0] + 0.4 * (box[1][1] - box[1][0])
        along = box[0][0] + 0.2 * (box[0][1] - box[0][0])

        def at(value):
            return self.pixel(value, across) if upright else self.pixel(along, value)

        start, end = at(line.value()), at(to)
        target = plot.viewport()
        self.bot.mouseMove(target, start)
        self.bot.wait(15)
        self.bot.mousePress(target, Qt.MouseButton.LeftButton, pos=start)
        for step in range(1, steps + 1):
            share = step / steps
            point = QPoint(
                round(start.x() + share * (end.x() - start.x())),
                round(start.y() + share * (end.y() - start.y())),
            )
            self.bot.mouseMove(target, point)
            self.bot.wait(15)
        self.bot.mouseRelease(target, Qt.MouseButton.LeftButton, pos=end)
        self.bot.wait(15)

    def type(self, name, text):
        """Type into a field of the form and press return; its fold is opened before."""
        self.window.form.focus_on(name)
        edit = self.window.form.findChild(object, name)
        edit.setFocus()
        edit.selectAll()
        self.bot.keyClicks(edit, text)
        self.bot.keyClick(edit, Qt.Key.Key_Return)


@pytest.fixture
def question():
    """Example 1 with few models, one provider and a modest accuracy: answered in a blink."""
    whole = read_question(example("1-tickets.toml"))
    job = whole.jobs[0]
    models = job.models.replace(names=("RoBERTa-base", "DeBERTa-v3-base", "BERT-base"))
    return whole.replace(
        jobs=(job.replace(models=models, min_accuracy=0.75),),
        limits=whole.limits.replace(providers=("aws",)),
    )


@pytest.fixture
def open_window(qtbot, question, tmp_path):
    """Opens windows on examples and closes them; nothing may be left."""
    make_application()
    made = []
    threads = set(threading.enumerate())

    def opened(asked=question, path=None):
        window = make_window(asked, path=path, profile=profile_of(tmp_path / "profile"))
        made.append(window)
        # Nobody answers whether unsaved work shall be saved.
        qtbot.addWidget(
            window, before_close_func=lambda closing: closing.session.store.history.setClean()
        )
        window.resize(1360, 820)
        window.show()
        qtbot.waitExposed(window)
        qtbot.waitUntil(lambda: window.region.has_plot)
        return Hand(window, qtbot)

    yield opened
    for window in made:
        assert window.session.runner.process_ids == ()
    assert set(threading.enumerate()) <= threads
