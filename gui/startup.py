"""What a window must settle before Qt is loaded, on machines that are not like ours; no Qt."""

from __future__ import annotations

import os
import sys
from pathlib import Path

STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))

PLAIN = ("", "C", "POSIX")
"""Locales without letters beyond ASCII, and none at all."""


def settle() -> None:
    """Make streams and locale such that nothing that is loaded later can stumble over them."""
    settle_streams()
    if sys.platform.startswith("linux"):
        settle_locale()


def settle_streams() -> None:
    """Open what a desktop or a service may have closed: input, output and error stream.

    Otherwise the next file or pipe takes the number of a closed stream, and whatever a library
    prints goes into it.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one
    for name, mode in STREAMS:
        if getattr(sys, name) is None:
            nowhere = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - kept to the end
            setattr(sys, name, nowhere)


def settle_locale() -> None:
    """Take UTF-8 where the user has said nothing else: Qt warns at each start without it.

    Python does the same when it starts (PEP 538), but not within a bundle.
    """
    said = next((v for n in ("LC_ALL", "LC_CTYPE", "LANG") if (v := os.environ.get(n))), "")
    if said in PLAIN:
        os.environ.pop("LC_ALL", None)
        os.environ["LC_CTYPE"] = "C.UTF-8"


def bundled_worker() -> Path | None:
    """The worker's program beside this one in a bundle; None where this runs from source."""
    if not getattr(sys, "frozen", False):
        return None
    own = Path(sys.executable)
    return own.with_name(f"trilemma-worker{own.suffix}")
