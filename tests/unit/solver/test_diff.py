import pytest

from solver.cli.main import main
from solver.diff import differences
from solver.plan import Bought, LeftOut
from tests.support.launchable import ANSWERS, launchable, stored

OUTCOMES = ("solved", "impossible", "unknown", "stopped", "failed")


def told(before, after):
    return {group.title: group.sentences for group in differences(before, after)}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_that_an_answer_does_not_differ_from_itself(outcome):
    assert differences(stored(outcome), stored(outcome)) == ()


def test_that_asking_again_at_another_time_is_no_difference():
    later = stored().model_copy(update={"asked_at": "2027-01-01T00:00:00+00:00", "digest": "x"})

    assert differences(stored(), later) == ()


def test_that_a_changed_limit_is_told_by_its_path():
    question = stored().question
    limits = question.limits.replace(budget_usd=25.0)
    changed = stored().model_copy(update={"question": question.replace(limits=limits.model_dump())})

    assert told(stored(), changed)["Asked"] == ("limits.budget_usd: 20 → 25",)


def test_that_another_plan_is_told_in_words():
    one, other = launchable(), launchable(method="qlora", storage="nf4", instances=2)

    said = told(one, other)["Plan of job"]

    assert "Method: lora of rank 16 → qlora of rank 16" in said
    assert any(line.startswith("Machines: 1 × p5.48xlarge") for line in said)


def test_that_dearer_and_later_are_told_with_their_sign():
    job = stored().jobs[0]
    usd = job.usd.model_copy(update={"median": job.usd.median + 2})
    dearer = stored().model_copy(update={"jobs": (job.model_copy(update={"usd": usd}),)})

    lines = told(stored(), dearer)["Plan of tickets"]

    assert len(lines) == 1
    assert lines[0].startswith("Cost, median:")
    assert lines[0].endswith("(+$2)")


def test_that_a_job_that_came_or_went_is_one_difference():
    one, other = launchable(name="old"), launchable(name="new")

    said = told(one, other)

    assert said["Plan of old"][0].startswith("gone")
    assert said["Plan of new"][0].startswith("new")


def test_that_another_outcome_comes_with_its_reason():
    said = told(stored(), stored("impossible"))["Outcome"]

    assert said[0].startswith("solved → impossible: ")
    assert "Limits" not in told(stored(), stored("impossible"))


def test_that_moved_facts_are_told():
    made = stored().provenance.model_copy(update={"catalog_sha256": "f" * 64})
    moved = stored().model_copy(update={"provenance": made})

    assert "f" * 12 in told(stored(), moved)["Stands on"][0]


def test_that_the_command_tells_scripts_by_its_exit_code(capsys):
    one, other = (str(ANSWERS / f"{outcome}.json") for outcome in ("solved", "stopped"))

    assert main(["diff", one, one, "--exit-code"]) == 0
    assert "equal" in capsys.readouterr().out
    assert main(["diff", one, other, "--exit-code"]) == 1
    assert main(["diff", one, other]) == 0


def moved(usd):
    job = stored().jobs[0]
    spread = job.usd.model_copy(update={"median": job.usd.median * usd})
    return stored().model_copy(update={"jobs": (job.model_copy(update={"usd": spread}),)})


@pytest.mark.parametrize(("within", "equal"), [(0.0, False), (0.02, False), (0.05, True)])
def test_that_figures_within_what_is_allowed_are_equal(within, equal):
    assert (differences(stored(), moved(1.03), within) == ()) == equal


def test_that_what_is_allowed_hides_no_other_choice():
    assert told(launchable(), launchable(method="full"))["Plan of job"]
    assert differences(launchable(), launchable(method="full"), 1.0)


def test_that_a_later_start_and_what_is_left_out_or_bought_are_told():
    late = stored().jobs[0].model_copy(update={"start_hours": 3.0})
    beside = {
        "left_out": (LeftOut(name="extra", value_usd=5.0, why="it costs more"),),
        "bought": (Bought(name="block", machines=2, usd=10.0),),
    }

    said = told(stored(), stored().model_copy(update={"jobs": (late,), **beside}))

    assert said["Outcome"] == ("extra: left out now", "Machines of block bought: 0 → 2")
    assert said["Plan of tickets"] == ("Starts after: 0 s → 3 h",)


@pytest.mark.parametrize("wrong", ["-1", "101", "few", "nan"])
def test_that_a_share_is_a_number_of_percent(wrong, capsys):
    path = str(ANSWERS / "solved.json")

    with pytest.raises(SystemExit):
        main(["diff", path, path, "--within", wrong])

    assert "--within" in capsys.readouterr().err
