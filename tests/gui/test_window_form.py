"""Lists of the form by mouse and keyboard: jobs, own machines, pilots, scores, phases."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

pytestmark = [pytest.mark.gui, pytest.mark.xdist_group("gui")]


def click(hand, name):
    """Click a button of the form with the mouse, wherever it stands."""
    button = hand.window.form.findChild(object, name)
    assert button is not None, name
    hand.bot.mouseClick(button, Qt.MouseButton.LeftButton)


def open_fold(hand, title):
    fold = next(
        button
        for button in hand.window.form.findChildren(object)
        if getattr(button, "text", None) and title in str(button.text())
    )
    hand.bot.mouseClick(fold, Qt.MouseButton.LeftButton)


def type_cell(hand, table, row, at, text):
    """Type into a cell as a person does: click it, F2, letters, Return."""
    place = table.visualItemRect(table.item(row, at)).center()
    hand.bot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    hand.bot.keyClick(table, Qt.Key.Key_F2)
    type_over(hand, table, text)


def type_over(hand, view, text):
    """Type into the open editor of a view; earlier editors go when Qt finds time."""
    editor = view.findChildren(QLineEdit)[-1]
    editor.selectAll()
    hand.bot.keyClicks(editor, text)
    hand.bot.keyClick(editor, Qt.Key.Key_Return)
    hand.bot.wait(5)


def jobs_of(hand):
    return [job.name for job in hand.store.question.jobs]


def test_that_jobs_are_added_copied_renamed_and_removed_and_all_is_undone(open_window, qtbot):
    hand = open_window()
    before = hand.store.question

    click(hand, "add-job")
    click(hand, "copy-job")
    listed = hand.window.form.findChild(object, "job-list")
    listed.setFocus()
    qtbot.keyClick(listed, Qt.Key.Key_F2)
    type_over(hand, listed, "nightly")
    named = jobs_of(hand)
    listed.setFocus()
    qtbot.keyClick(listed, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    moved = jobs_of(hand)
    qtbot.keyClick(listed, Qt.Key.Key_Delete)
    left = jobs_of(hand)
    while hand.store.history.canUndo():
        hand.store.history.undo()

    assert named == ["tickets", "job", "nightly"]
    assert moved == ["tickets", "nightly", "job"]
    assert left == ["tickets", "job"]
    assert hand.store.question == before
    assert listed.isHidden()


def test_that_the_form_edits_the_job_that_is_chosen_in_the_list(open_window, qtbot):
    hand = open_window()
    click(hand, "add-job")
    listed = hand.window.form.findChild(object, "job-list")

    place = listed.visualItemRect(listed.item(0)).center()
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=place)
    hand.type("jobs.0.min_accuracy", "71")
    place = listed.visualItemRect(listed.item(1)).center()
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=place)
    hand.type("jobs.0.min_accuracy", "82")

    assert [job.min_accuracy for job in hand.store.question.jobs] == [0.71, 0.82]


def test_that_a_name_that_is_taken_is_told_below_the_list(open_window):
    hand = open_window()
    click(hand, "add-job")
    listed = hand.window.form.findChild(object, "job-list")

    listed.item(1).setText("tickets")

    assert "share the name" in hand.window.form._jobs._error.text()
    assert jobs_of(hand) == ["tickets", "job"]


def test_that_own_machines_are_added_and_used_by_the_plan(open_window):
    hand = open_window()
    hand.answered()
    open_fold(hand, "Own machines")

    click(hand, "add-pool")
    hand.type("owned.0.gpus_per_machine", "2")
    hand.type("owned.0.usd_per_hour", "0.01")
    answer = hand.answered()

    assert hand.store.question.owned[0].gpus_per_machine == 2
    assert answer.jobs[0].offer.pricing == "owned"


def test_that_an_unknown_accelerator_is_told_beside_its_field(open_window, qtbot):
    hand = open_window()
    open_fold(hand, "Own machines")
    click(hand, "add-pool")

    hand.type("owned.0.accelerator", "abacus")
    field = hand.window.form._pools["owned"]._fields["owned", 0, "accelerator"]
    qtbot.waitUntil(lambda: not field.error.isHidden(), timeout=20_000)

    assert "abacus" in field.error.text()


def test_that_a_pilot_is_typed_into_its_row_and_taken_out_by_delete(open_window, qtbot):
    hand = open_window()
    before = hand.store.question.jobs[0].pilots
    open_fold(hand, "Pilot measurements")
    click(hand, "add-pilot")
    table = hand.window.form.findChild(object, "pilot-table")
    row = len(before)

    type_cell(hand, table, row, 0, "1.5k")
    type_cell(hand, table, row, 1, "66 %")
    typed = hand.store.question.jobs[0].pilots[row]
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Delete)

    assert (typed.examples, typed.score) == (1500, 0.66)
    assert hand.store.question.jobs[0].pilots == before


def test_that_a_cell_that_cannot_be_read_is_told_with_its_row(open_window):
    hand = open_window()
    open_fold(hand, "Own scores")
    click(hand, "add-score")
    table = hand.window.form.findChild(object, "score-table")

    type_cell(hand, table, 0, 1, "very good")

    error = table.parent()._error
    assert error.text() == "Row 1, score: Type a percentage such as 90"
    assert not error.isHidden()


def test_that_phases_replace_the_examples_and_typed_examples_the_phases(open_window):
    hand = open_window()
    open_fold(hand, "Recipe in phases")

    click(hand, "add-phase")
    recipe = hand.store.question.jobs[0]
    hand.type("jobs.0.examples", "5,000")
    back = hand.store.question.jobs[0]

    assert (len(recipe.phases), recipe.examples) == (1, None)
    assert (back.phases, back.examples) == ((), 5000)


def test_that_a_deadline_may_be_a_date_and_hours_take_its_place_again(open_window):
    hand = open_window()

    hand.type("limits.deadline", "2031-01-01 12:00+00:00")
    dated = hand.store.question.limits
    hand.type("limits.deadline_hours", "5 h")

    assert (dated.deadline.year, dated.deadline_hours) == (2031, None)
    assert hand.store.question.limits.deadline is None
    assert hand.store.question.limits.deadline_hours == 5


def test_that_a_volume_of_service_is_typed_and_refused_beside_its_field(open_window):
    hand = open_window()

    hand.type("jobs.0.serving.tokens_per_month", "5 M")
    served = hand.store.question.jobs[0].serving
    hand.type("jobs.0.serving.months", "1000")
    field = hand.window.form._fields["jobs", 0, "serving", "tokens_per_month"]

    assert served.tokens_per_month == 5e6
    assert hand.store.question.jobs[0].serving == served
    assert not field.error.isHidden()


def test_that_an_aim_is_held_by_the_keyboard_and_let_go_when_it_is_pursued(open_window):
    hand = open_window()

    hand.type("hold.aim", "fastest")
    hand.type("hold.within", "10 %")
    held = hand.store.question.hold
    click(hand, "aim-fastest")

    assert (held.aim.value, held.within) == ("fastest", 0.1)
    assert hand.store.question.aim.value == "fastest"
    assert hand.store.question.hold is None


def test_that_a_plan_that_has_begun_goes_on_where_it_is(open_window):
    hand = open_window()
    before = hand.answered()

    hand.window.begin()
    hand.type("jobs.0.running.done", "50 %")
    after = hand.answered()

    assert after.question.jobs[0].running.key == before.jobs[0].key
    assert after.jobs[0].usd.median < before.jobs[0].usd.median


def test_that_formats_and_latency_are_typed_and_refused_beside_their_fields(open_window):
    hand = open_window()

    hand.type("jobs.0.max_latency_ms", "20")
    field = hand.window.form._fields["jobs", 0, "max_latency_ms"]
    was_told = "deploy_on" in field.error.text()
    hand.type("jobs.0.deploy_on", "T4")
    hand.type("jobs.0.max_latency_ms", "20")

    assert was_told
    assert hand.store.question.jobs[0].max_latency_ms == 20
