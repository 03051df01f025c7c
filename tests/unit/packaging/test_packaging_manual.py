"""The manual and the completions say what the command line knows."""

import shutil
import subprocess

import pytest
from completions import bash, fish, zsh
from grammar import Takes, all_commands, command_of

from solver.cli.main import parser

WORKER = "trilemma-worker"


@pytest.fixture(scope="module")
def whole():
    return command_of(parser(), ("trilemma",), home="/home/whoever")


def test_that_every_command_and_option_is_in_the_manual(whole, manual):
    page = manual.page(whole, manual.datetime(2026, 11, 25)).replace("\\-", "-")

    for command in all_commands(whole):
        if not command.commands:
            assert f'.SS "{" ".join(command.names)}"' in page
        for option in command.options:
            assert command.commands or all(f"\\fB{name}\\fR" in page for name in option.names)


def test_that_a_file_and_a_folder_are_told_apart(whole):
    plan = next(c for c in whole.commands if c.names[-1] == "plan")
    takes = {a.names[-1] if a.names else a.shown: a.takes for a in plan.arguments}

    assert takes["--json"] is Takes.FILE
    assert takes["--overlay"] is Takes.FOLDER
    assert takes["--top"] is Takes.WORD
    assert takes["--quiet"] is Takes.NOTHING
    assert takes["question"] is Takes.FILE


def test_that_no_text_names_the_home_of_whoever_built_it(whole, manual):
    texts = [
        manual.page(whole, manual.datetime(2026, 11, 25)),
        bash(whole, (), WORKER),
        zsh(whole, (), WORKER),
        fish(whole, (), WORKER),
    ]

    assert not any("/home/" in text or "/root" in text for text in texts)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["pla"], ["plan"]),
        (["plan", "--aim", "fas"], ["fastest"]),
        (["catalog", "lis"], ["list"]),
        (["plan", "--time"], ["--time-limit"]),
        (["--self"], ["--self-check"]),
    ],
)
def test_that_bash_offers_what_may_come_next(whole, manual, tmp_path, typed, offered):
    script = bash(whole, manual.WINDOW_OPTIONS, WORKER)
    words = " ".join(f"'{word}'" for word in ["trilemma", *typed])
    call = f"COMP_WORDS=({words}); COMP_CWORD={len(typed)}; _trilemma; echo ${{COMPREPLY[*]}}"

    done = subprocess.run(
        [shutil.which("bash"), "--norc", "-c", f"{script}\n{call}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )

    assert done.stdout.split() == offered


@pytest.mark.parametrize(("shell", "made"), [("zsh", zsh), ("fish", fish)])
def test_that_a_shell_understands_its_completions(whole, manual, tmp_path, shell, made):
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    script = tmp_path / "script"
    script.write_text(made(whole, manual.WINDOW_OPTIONS, WORKER), encoding="utf-8")

    done = subprocess.run([shell, "-n", str(script)], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture(scope="module")
def manual():
    """The module, which takes the user's folders out of the environment when it is read."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            patch.setenv(name, "/home/whoever")
        import manual  # noqa: PLC0415 - only under this environment

        yield manual
