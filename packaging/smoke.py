"""Tries a built bundle as a person would, and fails on anything that is not expected.

    python packaging/smoke.py BUNDLE
    python packaging/smoke.py BUNDLE --source .venv/bin/trilemma-worker

The window starts with a profile of its own, asks, waits for the plan, exports, saves, opens again
and quits: offscreen, and under Xvfb with real keys where there is one. A second start hands its
file to the first. The command line plans every example; with --source its answers are compared with
those of another program, such as the one from source.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_S = 180.0

STEPS = [
    "painted",
    "worker ready",
    "answered",
    "answered after an edit",
    "exported json",
    "exported pdf",
    "exported png",
    "saved",
    "opened again",
    "equal to the file",
    "closed",
    "all is well",
]

KNOWN = (
    "This plugin does not support propagateSizeHints()",
    "This plugin does not support raise()",
)
"""Lines that Qt's offscreen platform prints, for it has neither frames nor a front."""

OUTCOMES = (0, 3, 5)
"""Exit codes of a question with a plan, an impossible one, and one that nobody can answer."""

VOLATILE = ("asked_at", "digest", "seconds", "python")
"""Parts of an answer that tell when and with what it was made, not what was found."""

EXAMPLES = Path("_internal") / "solver" / "examples_data"


class SmokeError(Exception):
    """Something is not as it must be."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A bundle, and an environment as empty as that of a new user."""

    bundle: Path
    home: Path

    def environment(self, **more: str) -> dict[str, str]:
        """What the programs see: a home and nothing else."""
        return {"HOME": str(self.home), "PATH": "/usr/bin:/bin", **more}

    def run(self, program: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run one of the programs to its end."""
        return subprocess.run(
            [str(self.bundle / program), *words],
            env=self.environment(**more),
            cwd=self.home,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE_S,
            check=False,
        )


def main(arguments: list[str] | None = None) -> int:
    """Try everything; returns 1 where something was wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bundle", type=Path, help="folder with the two programs")
    parser.add_argument("--source", type=Path, help="a trilemma-worker with the right answers")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="smoke für 計画 ") as folder:
        bench = Bench(asked.bundle.resolve(), Path(folder))
        try:
            for check in (version, window_offscreen, streams, no_display, second_start, window_x11):
                say(f"{check.__name__.replace('_', ' ')}: {check(bench) or 'as it must be'}")
            say(f"examples: {examples(bench, asked.source)}")
        except (SmokeError, subprocess.TimeoutExpired) as error:
            say(f"Wrong: {error}")
            return 1
    say("The bundle is sound.")
    return 0


def version(bench: Bench) -> str:
    """Both programs know who they are; the window's hands commands on."""
    told = [bench.run(program, "--version") for program in ("trilemma", "trilemma-worker")]
    wanted = [(0, told[0].stdout, "")] * 2
    demand([(t.returncode, t.stdout, t.stderr) for t in told] == wanted, f"versions: {told}")
    demand(re.fullmatch(r"trilemma \d[\w.+-]*\n", told[0].stdout) is not None, told[0].stdout)
    return told[0].stdout.strip()


def window_offscreen(bench: Bench) -> str:
    """The window checks itself without a display and says nothing else."""
    return self_check(bench, "offscreen", QT_QPA_PLATFORM="offscreen")


def self_check(bench: Bench, name: str, **more: str) -> str:
    """The window's own check, its output line by line, and what it wrote."""
    made, profile = bench.home / f"made {name}", bench.home / f"profile {name}"
    words = ("--profile-dir", str(profile), "--self-check", str(made))
    done = bench.run("trilemma", *words, **more)
    demand(done.stdout.splitlines() == STEPS and done.returncode == 0, f"{name}: {done}")
    odd = unknown(done.stderr)
    demand(not odd, f"{name} said: {odd}")
    written = {path.suffix: path for path in made.iterdir()}
    demand(set(written) == {".json", ".pdf", ".png", ".trilemma"}, f"{name} wrote {written}")
    demand(written[".pdf"].read_bytes().startswith(b"%PDF-"), "the page is no PDF")
    outcome = json.loads(written[".json"].read_text(encoding="utf-8"))["outcome"]
    left = {path.name for path in profile.rglob("*") if path.is_file()}
    demand(left == {"settings.json"}, f"{name} left {left}")
    return f"{len(STEPS)} steps, {outcome}"


def streams(bench: Bench) -> str:
    """A desktop that closes every stream, and a folder that nobody may write, change nothing."""
    made = bench.home / "made without streams"
    window = str(bench.bundle / "trilemma")
    words = ["--profile-dir", "/proc/nowhere", "--self-check", str(made)]
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", window, *words],
        env=bench.environment(QT_QPA_PLATFORM="offscreen"),
        timeout=PATIENCE_S,
        check=False,
    )
    demand(done.returncode == 0, f"without streams it ended with {done.returncode}")
    demand(len(list(made.iterdir())) == 4, "without streams it wrote too little")  # noqa: PLR2004
    return ""


def no_display(bench: Bench) -> str:
    """No display, and one that refuses, are told in words."""
    for more in ({}, {"DISPLAY": ":6543"}):
        done = bench.run("trilemma", **more)
        demand(done.returncode == 1, f"without a display it ended with {done.returncode}")
        demand("trilemma plan QUESTION.toml" in done.stderr, f"without a display: {done.stderr}")
    return ""


def second_start(bench: Bench) -> str:
    """A second start ends at once, and the first takes its file."""
    offscreen = {"QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C"}
    project = next((bench.home / "made offscreen").glob("*.trilemma"))
    words = ["--profile-dir", str(bench.home / "profile twice")]
    first = subprocess.Popen(
        [str(bench.bundle / "trilemma"), *words],
        env=bench.environment(**offscreen),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        lock = bench.home / "profile twice" / "window.lock"
        wait(lock.exists, "the first start claims its profile")
        settings = bench.home / "profile twice" / "settings.json"

        def handed_over() -> bool:
            done = bench.run("trilemma", *words, str(project), **offscreen)
            demand(done.returncode == 0, f"the second start: {done}")
            return "taken over" in done.stdout

        wait(handed_over, "the second start hands over")
        wait(settings.exists, "the first start opens the file")
        recent = json.loads(settings.read_text(encoding="utf-8"))["recent"]
        demand(recent == [str(project)], f"the first start opened {recent}")
    finally:
        first.terminate()
        _, errors = first.communicate(timeout=PATIENCE_S)
    demand(not unknown(errors), f"the first start said: {unknown(errors)}")
    return ""


def window_x11(bench: Bench) -> str:
    """The window checks itself on a real X server, and quits by its key."""
    if not shutil.which("Xvfb"):
        return "left out, there is no Xvfb"
    with display() as name:
        told = self_check(bench, "x11", DISPLAY=name)
        if shutil.which("xdotool") and shutil.which("openbox"):
            quit_by_key(bench, name)
            told += ", quit by key"
    return told


@contextmanager
def display() -> Iterator[str]:
    """An X server without a screen; yields its name."""
    server = subprocess.Popen(
        [program("Xvfb"), "-displayfd", "1", "-screen", "0", "1400x900x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield f":{server.stdout.readline().strip()}" if server.stdout else ""
    finally:
        server.terminate()
        server.wait()


def quit_by_key(bench: Bench, name: str) -> None:
    """Start a window on a display, press Ctrl+Q, and see it end well with nothing left behind."""
    on_display = {**os.environ, "DISPLAY": name}
    manager = subprocess.Popen(
        [program("openbox")],
        env=on_display,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    command = [str(bench.bundle / "trilemma"), "--profile-dir", str(bench.home / "profile key")]
    window = subprocess.Popen(
        command, env=bench.environment(DISPLAY=name), stderr=subprocess.PIPE, text=True
    )
    try:
        search = [program("xdotool"), "search", "--onlyvisible", "--class", "trilemma"]
        wait(lambda: xdo(search, on_display) != "", "the window appears")
        found = xdo(search, on_display).split()[-1]
        xdo([program("xdotool"), "windowactivate", "--sync", found, "key", "ctrl+q"], on_display)
        _, errors = window.communicate(timeout=PATIENCE_S)
        demand(window.returncode == 0, f"quit by key ended with {window.returncode}")
        demand(not unknown(errors), f"on the display it said: {unknown(errors)}")
    finally:
        window.kill()
        manager.terminate()
        manager.wait()


def program(name: str) -> str:
    """Path of a program of the system; its name where there is none."""
    return shutil.which(name) or name


def xdo(command: list[str], environment: dict[str, str]) -> str:
    """What a command of xdotool prints."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def examples(bench: Bench, source: Path | None) -> str:
    """Every example planned and checked by the command line; equal to another program's answers."""
    questions = sorted((bench.bundle / EXAMPLES).glob("*.toml"))
    demand(bool(questions), "the bundle has no examples")
    for question in questions:
        answer = bench.home / f"{question.stem}.json"
        done = bench.run("trilemma-worker", "plan", str(question), "--quiet", "--json", str(answer))
        demand(done.returncode in OUTCOMES and not done.stderr, f"{question.name}: {done}")
        checked = bench.run("trilemma-worker", "check", str(answer))
        demand(checked.returncode == 0, f"{question.name}, checked: {checked}")
        if source is not None:
            compare(bench, source, question, answer)
    return f"{len(questions)} planned{', equal to the other program' if source else ''}"


def compare(bench: Bench, source: Path, question: Path, answer: Path) -> None:
    """Let another program answer a question too; nothing that was found may differ."""
    other = bench.home / "other.json"
    words = [str(source), "plan", str(question), "--quiet", "--json", str(other)]
    environment = {**os.environ, "HOME": str(bench.home / "other home")}
    subprocess.run(words, env=environment, capture_output=True, timeout=PATIENCE_S, check=False)
    one, two = (
        json.dumps(found(json.loads(path.read_text(encoding="utf-8"))), indent=1).splitlines()
        for path in (answer, other)
    )
    differing = [pair for pair in zip(one, two, strict=False) if pair[0] != pair[1]][:5]
    demand(one == two, f"{question.name} differs from the other program: {differing}")


def found(part: object) -> object:
    """An answer without what tells when and with what it was made."""
    if isinstance(part, dict):
        return {name: found(value) for name, value in part.items() if name not in VOLATILE}
    return [found(value) for value in part] if isinstance(part, list) else part


def unknown(errors: str) -> list[str]:
    """Lines of the error stream that nobody expects."""
    return [line for line in errors.splitlines() if line.strip() not in KNOWN]


def wait(is_done: Callable[[], bool], what: str) -> None:
    """Wait until something has become true.

    Raises:
        SmokeError: it never does.
    """
    end = time.monotonic() + PATIENCE_S
    while not is_done():
        demand(time.monotonic() < end, f"it never comes that {what}")
        time.sleep(0.1)


def demand(is_right: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as an assertion
    """Insist on something.

    Raises:
        SmokeError: it is not so.
    """
    if not is_right:
        raise SmokeError(otherwise)


def say(text: str) -> None:
    """Tell how far it is."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
