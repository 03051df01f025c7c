"""`trilemma launch`: the plan of an answer as files that clusters and trainers read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from solver.cli.commands import Command, add_command
from solver.cli.outputs import answer_in, write_new
from solver.cli.terminal import say
from solver.export.launch.targets import TARGETS, launch_files, start_of

if TYPE_CHECKING:
    import argparse

COMMAND = Command(
    "launch",
    "write files that start a plan",
    "Write the plan of an answer as files for a cluster or a trainer, every setting pinned: batch, "
    "precision, sharding, learning rate, checkpoints. What a target cannot express is refused.",
    """\
examples:
  trilemma launch plan.json --to skypilot -o run
  trilemma launch plan.json --to slurm -o run --force
  trilemma launch plan.json --to axolotl --preview
  trilemma launch plan.json --to slurm --job nli --job reviews -o run
""",
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the grammar."""
    made = add_command(commands, COMMAND, run)
    made.add_argument("answer", type=Path, help="answer file, as `plan --json` writes it")
    made.add_argument("--to", required=True, metavar="NAME", help=f"one of {', '.join(TARGETS)}")
    made.add_argument(
        "--job",
        action="append",
        default=[],
        metavar="JOB",
        help="launch only this job of several; may be given again",
    )
    made.add_argument("-o", "--output", type=Path, default=Path(), metavar="DIR", help="folder")
    made.add_argument("--force", action="store_true", help="replace files that exist")
    made.add_argument("--preview", action="store_true", help="print the files, write nothing")


def run(arguments: argparse.Namespace) -> int:
    """Read, make, write."""
    files = launch_files(answer_in(arguments.answer), arguments.to, tuple(arguments.job))
    if arguments.preview:
        for file in files:
            say(f"== {file.path}\n{file.text}")
        return 0
    made = {arguments.output / file.path: file.text for file in files}
    write_new(made, force=arguments.force)
    for path in made:
        say(str(path))
    start = start_of(TARGETS[arguments.to], files)
    say(f"\nData: data/train.jsonl beside them. Start with:\n  {start}")
    return 0
