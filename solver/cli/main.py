"""`trilemma`: reads the command, runs it, and turns what happened into an exit code."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from typing import TYPE_CHECKING

from catalog.problems import ProblemsError
from solver.cli import (
    calibrate_command,
    catalog_commands,
    check_command,
    demo_command,
    diff_command,
    export_command,
    launch_command,
    measure_commands,
    pilot_command,
    plan_command,
    replan_command,
    report_command,
    schema_command,
)
from solver.cli.terminal import complain, open_streams
from solver.outcome.asked import app_version

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = logging.getLogger(__name__)

BAD_INPUT, FAILED, INTERRUPTED = 2, 1, 130

COMMANDS = (
    plan_command,
    replan_command,
    check_command,
    demo_command,
    schema_command,
    catalog_commands,
    measure_commands,
    pilot_command,
    report_command,
    launch_command,
    diff_command,
    export_command,
    calibrate_command,
)

DESCRIPTION = "Plan Transformer training under a deadline, a budget and a minimum accuracy."

EPILOGUE = """\
examples:
  trilemma demo                             plan an example and write its files
  trilemma plan examples/1-tickets.toml     plan a question
  trilemma plan question.toml --json plan.json
  trilemma check plan.json                  recompute a plan from its own facts
  trilemma catalog list offers H100         what is known, with source and date

exit codes:
  0 solved or done   1 failed, or a broken figure   2 bad input   3 impossible
  4 stopped with the best so far   5 unknown   130 interrupted
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: arguments after the program's name; None: those of the process.

    Returns:
        The exit code: 0 done, 1 failed, 2 bad input, 3 impossible, 4 stopped, 5 unknown, 130
        interrupted.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    open_streams()
    try:
        arguments = parser().parse_args(argv)
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        complain("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough; Python must not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        complain(f"The system refuses: {error.strerror or error}.")
        return FAILED
    except ProblemsError as error:
        complain(str(error))
        return BAD_INPUT
    except Exception as error:
        logger.debug("a command failed", exc_info=True)
        complain(
            f"The program failed: {type(error).__name__}: {error}\n"
            "Your files are as they were. Please report this with the question; "
            "TRILEMMA_DEBUG=1 shows where it happened."
        )
        if os.environ.get("TRILEMMA_DEBUG"):
            raise
        return FAILED
    return code


def parser() -> argparse.ArgumentParser:
    """The grammar of the command line."""
    made = argparse.ArgumentParser(
        prog="trilemma",
        description=DESCRIPTION,
        epilog=EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action="version", version=f"trilemma {app_version()}")
    commands = made.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(commands)
    return made


if __name__ == "__main__":
    sys.exit(main())
