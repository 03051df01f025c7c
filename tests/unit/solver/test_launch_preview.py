import pytest

from solver.export.launch.preview import preview, previews, save
from solver.export.launch.targets import TARGETS, launch_files
from solver.files import FileError
from tests.support.launchable import launchable, stored


def test_that_a_preview_holds_the_files_that_the_command_writes():
    seen = preview(launchable(), "slurm")

    assert seen.files == launch_files(launchable(), "slurm")
    assert (seen.title, seen.start, seen.problems) == ("Slurm", "sbatch slurm.sbatch", ())


@pytest.mark.parametrize(
    ("answer", "target"),
    [(launchable(method="prompting"), "slurm"), (stored("impossible"), "slurm"), (stored(), "no")],
    ids=["nothing to train", "no plan", "no such target"],
)
def test_that_a_refused_preview_has_reasons_and_a_way_out_instead_of_files(answer, target):
    seen = preview(answer, target)

    assert (seen.files, seen.start) == ((), "")
    assert all(problem.what and problem.remedy for problem in seen.problems)
    assert seen.problems


def test_that_every_target_is_offered_once():
    assert [seen.target for seen in previews(launchable())] == list(TARGETS)


def test_that_saving_replaces_nothing_unasked(tmp_path):
    files = preview(launchable(), "axolotl").files
    (tmp_path / "axolotl.sh").write_text("mine")

    with pytest.raises(FileError, match="exists"):
        save(files, tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["axolotl.sh"]
    made = save(files, tmp_path, replace=True)
    assert {path.name for path in made} == {"axolotl.yaml", "axolotl.sh"}
    assert (tmp_path / "axolotl.sh").read_text() != "mine"
