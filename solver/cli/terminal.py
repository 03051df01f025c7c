"""What a command prints: tables that fit the terminal, progress, complaints."""

from __future__ import annotations

import io
import os
import shutil
import sys
import textwrap
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from solver.cli.tables import laid_table
from solver.export.sections import Table
from solver.export.tables import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from solver.export.sections import Report, Section

WIDEST = 120
"""Longer lines are hard to read. [1]"""

STDOUT = 1
"""File descriptor of standard output."""

BAR = 24
"""Cells of the progress bar. [1]"""


def open_streams() -> None:
    """Make printing safe: letters that the terminal lacks become question marks.

    A program without standard output, as one started with it closed, prints nowhere.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - kept to the end
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


@contextmanager
def native_prints_nowhere() -> Iterator[None]:
    """Keep what libraries in other languages print, such as HiGHS, out of the results.

    They write to the file descriptor past Python, in between or before what is printed here.
    """
    sys.stdout.flush()
    try:
        kept = os.dup(STDOUT)
    except OSError:  # closed: there is nothing to keep clean
        yield
        return
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), STDOUT)
        yield
    finally:
        os.dup2(kept, STDOUT)
        os.close(kept)


def say(text: str = "") -> None:
    """Print a result."""
    sys.stdout.write(f"{text}\n")


def say_bytes(data: bytes) -> None:
    """Print a file's content as it is, whatever letters the terminal knows."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)


def complain(text: str) -> None:
    """Print what went wrong, where it does not mix with results."""
    sys.stderr.write(f"{text}\n")


def is_terminal() -> bool:
    """True where a person reads the output."""
    return sys.stdout.isatty()


def width() -> int | None:
    """Cells of a line on a terminal; None where a program reads and nothing may be cut."""
    return min(shutil.get_terminal_size().columns, WIDEST) if is_terminal() else None


def say_table(headers: Sequence[str], rows: Sequence[Sequence[str]], align: str = "") -> None:
    """Print rows under headers, plain when piped; lines of a cell after the first are small."""
    say(laid_table(headers, rows, align, width=width(), plain=not is_terminal()))


def say_report(report: Report) -> None:
    """Print everything that the page of an answer shows, but for its pictures."""
    say_sentence(report.title)
    say_sentence(report.headline)
    say()
    say_sentence(report.why)
    if report.figures:
        say()
        rows = [(f.label, f.value, f.interval, f.limit) for f in report.figures]
        say_table(("", "", "80 % interval", "limit"), rows, "lrll")
    for part in (*report.wide, *report.left, *report.right, *report.grounds):
        say()
        _say_part(part)


def _say_part(part: Table | Section) -> None:
    say(f"{printable(part.title)}")
    if not isinstance(part, Table):
        for sentence in part.sentences:
            say_sentence(sentence)
        return
    say_table(part.headers, part.rows, part.align)
    if part.note:
        say_sentence(part.note)


def say_sentence(text: str) -> None:
    """Print text, wrapped where a person reads it."""
    wide = width()
    clean = printable(text)
    say(
        textwrap.fill(clean, wide, break_long_words=False, break_on_hyphens=False)
        if wide
        else clean
    )


class Progress:
    """A bar on the terminal's error stream; silent where no one watches."""

    def __init__(self, *, quiet: bool) -> None:
        self._shown = sys.stderr.isatty() and not quiet

    def __call__(self, stage: str, share: float) -> None:
        """Show what is being done and how far it is, from 0 to 1."""
        if self._shown:
            full = round(BAR * share)
            sys.stderr.write(f"\r[{'#' * full}{'.' * (BAR - full)}] {stage:<12}")
            sys.stderr.flush()

    def done(self) -> None:
        """Take the bar away."""
        if self._shown:
            sys.stderr.write("\r" + " " * (BAR + 16) + "\r")
            sys.stderr.flush()
