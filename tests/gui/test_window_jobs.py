"""Several jobs: the timeline stands where one job has its region."""

import pytest
from PySide6.QtCore import Qt

pytestmark = [pytest.mark.gui, pytest.mark.xdist_group("gui")]


@pytest.fixture
def two_jobs(question):
    job = question.jobs[0]
    return question.replace(jobs=(job, job.replace(name="again", min_accuracy=0.7)))


def test_that_a_clicked_bar_chooses_its_job_and_shows_its_part_of_the_plan(
    open_window, two_jobs, qtbot
):
    hand = open_window(two_jobs)
    hand.answered()
    timeline = hand.window.middle._schedule.timeline

    place = timeline.bar_rect(1).center().toPoint()
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=place)

    assert hand.window.form.job == 1
    assert hand.store.shown.looked_at.name == "again"


def test_that_arrow_keys_walk_through_the_jobs(open_window, two_jobs, qtbot):
    hand = open_window(two_jobs)
    hand.answered()
    timeline = hand.window.middle._schedule.timeline
    timeline.setFocus()

    qtbot.keyClick(timeline, Qt.Key.Key_Down)
    qtbot.keyClick(timeline, Qt.Key.Key_Down)
    down = hand.window.form.job
    qtbot.keyClick(timeline, Qt.Key.Key_Up)

    assert (down, hand.window.form.job) == (1, 0)


def test_that_a_second_job_brings_the_timeline_and_its_end_the_region(open_window, qtbot):
    hand = open_window()
    hand.answered()
    home, region = hand.window.middle._home, hand.window.region

    hand.window.form.findChild(object, "copy-job").click()
    both = home.currentWidget()
    qtbot.waitUntil(lambda: len(hand.store.shown.answer.jobs) == 2, timeout=60_000)
    bars = hand.window.middle._schedule.timeline._schedule.bars
    hand.store.history.undo()

    assert both is not region
    assert len(bars) == 2
    assert home.currentWidget() is region
