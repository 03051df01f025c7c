"""Unknown accuracy: what to measure is shown, scores are entered, the plan appears."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton

from solver.examples import example
from solver.plan import Unknown
from solver.question_file import read_question

pytestmark = [pytest.mark.gui, pytest.mark.xdist_group("gui")]


@pytest.fixture
def new_task():
    """Example 5 with few models and one provider: answered in a blink."""
    whole = read_question(example("5-new-task.toml"))
    job = whole.jobs[0]
    models = job.models.replace(names=("RoBERTa-base", "BERT-base", "DeBERTa-v3-base"))
    return whole.replace(
        jobs=(job.replace(models=models, min_accuracy=0.7),),
        limits=whole.limits.replace(providers=("aws",)),
    )


def test_that_three_entered_pilots_make_the_unknown_known(open_window, new_task, qtbot):
    hand = open_window(new_task)
    first = hand.answered()
    measure = hand.window.region.banner.findChild(QPushButton, "measure")

    qtbot.mouseClick(measure, Qt.MouseButton.LeftButton)
    page = hand.window.middle.pages.page("accuracy")
    qtbot.waitUntil(
        lambda: (
            hand.window.middle._accuracy.plan is not None
            and bool(hand.window.middle._accuracy.plan.runs)
        ),
        timeout=20_000,
    )
    sizes = [run.examples for run in hand.window.middle._accuracy.plan.runs]
    for size, score in zip(sizes, ("62", "71.5 %", "0.79"), strict=False):
        edit = page.findChildren(QLineEdit, f"score-{size}")[-1]
        qtbot.keyClicks(edit, score)
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    last = hand.answered()
    qtbot.waitUntil(lambda: page._plot is not None, timeout=20_000)

    assert isinstance(first, Unknown)
    assert [pilot.examples for pilot in last.question.jobs[0].pilots] == sizes[:3]
    assert not isinstance(last, Unknown)
    assert len(page._plot._points) == len(sizes[:3])


def test_that_a_score_that_is_none_is_told_and_changes_nothing(open_window, new_task, qtbot):
    hand = open_window(new_task)
    hand.answered()
    page = hand.window.middle.pages.show_page("accuracy")
    qtbot.waitUntil(lambda: bool(page.findChildren(QLineEdit)), timeout=20_000)
    edit = page.findChildren(QLineEdit)[-1]

    qtbot.keyClicks(edit, "fine")
    qtbot.keyClick(edit, Qt.Key.Key_Return)

    assert edit.property("wrong") == "true"
    assert hand.store.question.jobs[0].pilots == ()


def test_that_another_model_shows_its_own_curve(open_window, qtbot):
    hand = open_window()
    hand.answered()
    page = hand.window.middle.pages.show_page("accuracy")
    qtbot.waitUntil(lambda: page._plot is not None, timeout=20_000)
    before = page._plot._median.getData()[1].tolist()
    choice = page.findChild(QComboBox, "subject")

    choice.setFocus()
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: page._plot._median.getData()[1].tolist() != before, timeout=20_000)

    assert page.subject == page._subjects[1]


def test_that_the_form_opens_at_the_pilots(open_window, qtbot):
    hand = open_window()
    hand.answered()
    page = hand.window.middle.pages.show_page("accuracy")
    qtbot.waitUntil(lambda: page.findChild(QPushButton, "edit-pilots") is not None, timeout=20_000)

    qtbot.mouseClick(page.findChild(QPushButton, "edit-pilots"), Qt.MouseButton.LeftButton)

    assert hand.window.form.findChild(object, "pilot-table") is not None
