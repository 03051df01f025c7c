"""Whatever is typed and clicked in the form, in any order, is undone to the start."""

import os
import random

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QListWidget, QPushButton, QTableWidget

from gui.store import Store
from gui.views.form import Form
from solver.examples import example
from solver.question_file import read_question

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("does not support propagateSizeHints")]

TYPED = ("", "5", "90 %", "2 h", "BERT-base", "full", "job", "-3", "1e9", "fastest", "T4", "abc")
STEPS = 400


@pytest.fixture
def form(qtbot):
    store = Store(read_question(example("6-lab.toml")))
    made = Form(store.question)
    made.store = store
    made.change_wished.connect(store.wish)
    store.question_changed.connect(made.show_question)
    store.refused.connect(made.show_refusal)
    qtbot.addWidget(made)
    made.show_question(store.question)
    made.resize(300, 1600)
    made.show()
    return made


def seen(form, kind):
    return [part for part in form.findChildren(kind) if part.isVisible() and part.isEnabled()]


def type_somewhere(form, chance, qtbot):
    fields = [edit for edit in seen(form, QLineEdit) if "." in edit.objectName()]
    edit = chance.choice(fields)
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, chance.choice(TYPED))
    qtbot.keyClick(edit, Qt.Key.Key_Return)


def click_somewhere(form, chance, qtbot):
    del qtbot
    chance.choice(seen(form, QPushButton)).click()


def edit_a_list(form, chance, qtbot):
    del qtbot
    for listed in seen(form, QListWidget):
        listed.setCurrentRow(chance.randrange(listed.count()))
    for table in seen(form, QTableWidget):
        item = table.item(chance.randrange(table.rowCount()), 0)
        if item is not None:
            item.setText(chance.choice(TYPED))


def go_back(form, chance, qtbot):
    del chance, qtbot
    form.store.history.undo()


@pytest.mark.parametrize("seed", [0, 1])
def test_that_every_edit_in_any_order_is_undone_to_the_start(form, seed, qtbot):
    chance, before = random.Random(seed), form.store.question  # noqa: S311 - no secret
    acts = (*[type_somewhere] * 6, *[click_somewhere] * 4, edit_a_list, go_back)

    for _ in range(STEPS):
        chance.choice(acts)(form, chance, qtbot)
    was_changed = form.store.history.count() > 10
    while form.store.history.canUndo():
        form.store.history.undo()

    assert was_changed
    assert form.store.question == before
