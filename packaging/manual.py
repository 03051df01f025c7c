"""The manual page and the completions of three shells, made from the grammar of the command line.

    python packaging/manual.py FOLDER

So they can say nothing that the program does not know. Run in an environment that has the project.
"""

from __future__ import annotations

import os
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
# The help names the user's own folders: in a manual they begin with a tilde.
HOME = "/home/whoever"
os.environ["HOME"] = HOME
for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
    os.environ.pop(name, None)

from completions import bash, fish, zsh  # noqa: E402 - the folder was named above
from grammar import Argument, Command, Takes, all_commands, command_of  # noqa: E402

from solver.cli.main import parser  # noqa: E402
from solver.outcome.asked import app_version  # noqa: E402

PROGRAM, WORKER = "trilemma", "trilemma-worker"

WINDOW_OPTIONS = (
    Argument(
        ("--profile-dir",),
        "FOLDER",
        "keep settings and unsaved work there, and look there for your own measurements",
        Takes.FOLDER,
        (),
        is_optional=True,
    ),
    Argument(
        ("--self-check",),
        "FOLDER",
        "let the window use itself once, write there, say what worked, and quit",
        Takes.FOLDER,
        (),
        is_optional=True,
    ),
)

FILES = (
    ("~/.config/trilemma/settings.json", "settings of the window"),
    ("~/.config/trilemma/catalog", "your own catalogue tables, which win over shipped rows"),
    ("~/.local/share/trilemma", "unsaved work, and which window is open"),
    ("~/.cache/trilemma", "estimates that are kept; may be removed at any time"),
)

ENVIRONMENT = (("TRILEMMA_DEBUG", "set to 1: a fault shows where it happened"),)


def main(arguments: list[str]) -> int:
    """Write everything below a folder; returns the exit code."""
    folder = Path(arguments[0])
    whole = command_of(parser(), (PROGRAM,), home=HOME)
    moment = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)
    for place, text in {
        "man/man1/trilemma.1": page(whole, moment),
        f"man/man1/{WORKER}.1": ".so man1/trilemma.1\n",
        "bash-completion/completions/trilemma": bash(whole, WINDOW_OPTIONS, WORKER),
        "zsh/vendor-completions/_trilemma": zsh(whole, WINDOW_OPTIONS, WORKER),
        "fish/vendor_completions.d/trilemma.fish": fish(whole, WINDOW_OPTIONS, WORKER),
    }.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


def page(whole: Command, moment: datetime) -> str:
    """The manual page in roff."""
    lines = [
        f'.TH TRILEMMA 1 "{moment:%Y-%m-%d}" "Trilemma {app_version()}" "User Commands"',
        *(".SH NAME", f"{PROGRAM}, {WORKER} \\- {text(whole.description.rstrip('.'))}"),
        ".SH SYNOPSIS",
        *(f".B {PROGRAM}", usage(WINDOW_OPTIONS), "[\\fIfile\\fR.trilemma]", ".br"),
        *(f".B {PROGRAM}", "\\fIcommand\\fR [\\fIoption\\fR ...]", ".br"),
        *(f".B {WORKER}", "\\fIcommand\\fR [\\fIoption\\fR ...]"),
        ".SH DESCRIPTION",
        text(
            "Without arguments, or with a project, trilemma opens its window; a second start "
            "hands its file to the window that is open. With a command it needs no display. "
            "trilemma-worker knows the same commands without the window."
        ),
        ".SH OPTIONS OF THE WINDOW",
        *options(WINDOW_OPTIONS),
        ".SH COMMANDS",
        *(line for command in all_commands(whole)[1:] for line in section(command)),
        *epilogue(whole.epilog),
        ".SH FILES",
        *(line for term, words in FILES for line in (".TP", f".I {text(term)}", text(words))),
        ".SH ENVIRONMENT",
        *(line for term, words in ENVIRONMENT for line in (".TP", f".B {term}", text(words))),
    ]
    return "\n".join(lines) + "\n"


def section(command: Command) -> list[str]:
    """A command: how it is called, what it does, its options, its examples."""
    if command.commands:
        return []
    lines = [
        f'.SS "{text(" ".join(command.names))}"',
        f".B {text(' '.join(command.names))}",
        usage(command.arguments),
        ".PP",
        text(" ".join(command.description.split())),
        *options(command.places),
        *options(command.options),
    ]
    return [*lines, *epilogue(command.epilog, heading=".PP")]


def usage(arguments: tuple[Argument, ...]) -> str:
    """How a command is called."""
    parts = []
    for argument in sorted(arguments, key=lambda a: not a.names):
        if "--help" in argument.names:
            continue
        shown = f"\\fI{text(argument.shown)}\\fR"
        if argument.names:
            value = "" if argument.takes is Takes.NOTHING else f" {shown}"
            parts.append(f"[\\fB{text(argument.names[-1])}\\fR{value}]")
        else:
            parts.append(f"[{shown}]" if argument.is_optional else shown)
    return " ".join(parts)


def options(arguments: tuple[Argument, ...]) -> list[str]:
    """Each argument and what it means."""
    lines = []
    for argument in arguments:
        value = "" if argument.takes is Takes.NOTHING else f" \\fI{text(argument.shown)}\\fR"
        names = ", ".join(f"\\fB{text(name)}\\fR" for name in argument.names)
        lines += [".TP", f"{names}{value}".strip(), text(argument.words)]
    return lines


def epilogue(epilog: str, heading: str = ".SH") -> list[str]:
    """Parts such as `examples:`, each under its name with its lines as they are."""
    lines: list[str] = []
    for part in textwrap.dedent(epilog).strip().split("\n\n"):
        name, _, rest = part.partition("\n")
        if not rest:
            continue
        shown = text(name.rstrip(":"))
        title = [f".SH {shown.upper()}"] if heading == ".SH" else [".PP", f"{shown.capitalize()}:"]
        verbatim = [text(line) for line in textwrap.dedent(rest).splitlines()]
        lines += [*title, ".RS 4", ".nf", *verbatim, ".fi", ".RE"]
    return lines


def text(words: str) -> str:
    """Words with roff's own signs made harmless."""
    clean = words.replace("\\", "\\e").replace("-", "\\-").replace("~", "\\(ti")
    return f"\\&{clean}" if clean.startswith((".", "'")) else clean


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
