"""What shells complete, made from the grammar: bash, zsh and fish."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from grammar import Takes, all_commands

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grammar import Argument, Command

SUFFIX = ".trilemma"


def bash(whole: Command, window: Sequence[Argument], worker: str) -> str:
    """For bash: a case for each command, and what an option takes."""
    program, cases = whole.names[0], []
    for command in all_commands(whole):
        below = [c.names[-1] for c in command.commands]
        own = [*command.options, *(window if command is whole else ())]
        choices = [choice for place in command.places for choice in place.choices]
        words = [*below, *choices, *(name for option in own for name in option.names)]
        key = " ".join(command.names[1:])
        takes = [_bash_takes(option) for option in own]
        lines = [f'"{key}")', f'  words="{" ".join(words)}"', '  case "$previous" in']
        lines += [f"    {line}" for line in takes if line]
        cases += [*lines, "  esac", "  ;;"]
    known = " ".join(f'"{" ".join(c.names[1:])}"' for c in all_commands(whole)[1:])
    body = textwrap.indent("\n".join(cases), "    ")
    return f"""\
# Completions of {program} for bash; made from the grammar of its command line.
_{program}() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}"
  local words="" at="" word next
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    for next in {known}; do
      if [ "${{at:+$at }}$word" = "$next" ]; then at="$next"; fi
    done
  done
  COMPREPLY=()
  case "$at" in
{body}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  if [ "${{current#-}}" = "$current" ]; then
    local files
    mapfile -t files < <(compgen -f -- "$current")
    COMPREPLY+=("${{files[@]}}")
    compopt -o filenames 2>/dev/null
  fi
}}
complete -F _{program} {program} {worker}
"""


def _bash_takes(option: Argument) -> str:
    """The line for what follows an option; empty where nothing does."""
    if option.takes is Takes.NOTHING:
        return ""
    names = "|".join(option.names)
    if option.choices:
        words = " ".join(option.choices)
        made = f'mapfile -t COMPREPLY < <(compgen -W "{words}" -- "$current")'
    elif option.takes in (Takes.FOLDER, Takes.FILE):
        flag = "-d" if option.takes is Takes.FOLDER else "-f"
        made = f'mapfile -t COMPREPLY < <(compgen {flag} -- "$current"); compopt -o filenames'
    else:
        made = ":"
    return f"{names}) {made}; return ;;"


def zsh(whole: Command, window: Sequence[Argument], worker: str) -> str:
    """For zsh: one function for each command."""
    program = whole.names[0]
    functions = "\n".join(
        _zsh_function(c, window if c is whole else ()) for c in all_commands(whole)
    )
    return f"""\
#compdef {program} {worker}
# Completions of {program} for zsh; made from the grammar of its command line.
{functions}
_{program} "$@"
"""


def _zsh_function(command: Command, window: Sequence[Argument]) -> str:
    name = "_" + "_".join(command.names)
    specs = [_zsh_option(option) for option in (*command.options, *window)]
    if not command.commands:
        specs += [_zsh_place(place) for place in command.places]
        body = " \\\n    ".join(["_arguments -s", *specs])
        return f"{name}() {{\n  {body}\n}}"
    described = "\n".join(f"    {_quoted(f'{c.names[-1]}:{c.summary}')}" for c in command.commands)
    cases = "\n".join(f"        {c.names[-1]}) {name}_{c.names[-1]} ;;" for c in command.commands)
    body = " \\\n    ".join(["_arguments -C", *specs, "'1: :->command'", "'*:: :->rest'"])
    files = f"\n      _files -g '*{SUFFIX}'" if len(command.names) == 1 else ""
    return f"""\
{name}() {{
  local state line
  local -a commands=(
{described}
  )
  {body}
  case $state in
    command)
      _describe command commands{files} ;;
    rest)
      case $line[1] in
{cases}
      esac ;;
  esac
}}"""


def _zsh_option(option: Argument) -> str:
    action = {Takes.NOTHING: "", Takes.FOLDER: ":folder:_files -/", Takes.FILE: ":file:_files"}
    takes = action.get(option.takes, ":word:")
    if option.choices:
        takes = f":word:({' '.join(option.choices)})"
    words = option.words.replace("[", "(").replace("]", ")").replace(":", "\\:")
    return " ".join(_quoted(f"{name}[{words}]{takes}") for name in option.names)


def _zsh_place(place: Argument) -> str:
    words = place.shown.replace(":", "\\:")
    takes = f"({' '.join(place.choices)})" if place.choices else "_files"
    return _quoted(f":{words}:{takes}")


def fish(whole: Command, window: Sequence[Argument], worker: str) -> str:
    """For fish: one line for each command and option."""
    program = whole.names[0]
    lines = [f"# Completions of {program} for fish; made from the grammar of its command line."]
    for command in all_commands(whole):
        below = " ".join(c.names[-1] for c in command.commands)
        condition = "; and ".join(f"__fish_seen_subcommand_from {n}" for n in command.names[1:])
        if below:
            no = f"not __fish_seen_subcommand_from {below}"
            first = f"{condition}; and {no}" if condition else no
            lines += [
                _fish(program, first, f"-a {c.names[-1]}", c.summary) for c in command.commands
            ]
            condition = first
        own = [*command.options, *(window if command is whole else ())]
        lines += [_fish(program, condition, _fish_option(option), option.words) for option in own]
        for place in command.places:
            if place.choices:
                choices = _quoted(" ".join(place.choices))
                lines.append(_fish(program, condition, f"-a {choices}", place.words))
    lines.append(f"complete -c {worker} -w {program}")
    return "\n".join(lines) + "\n"


def _fish(program: str, condition: str, what: str, words: str) -> str:
    where = f" -n {_quoted(condition)}" if condition else ""
    return f"complete -c {program}{where} {what} -d {_quoted(words)}"


def _fish_option(option: Argument) -> str:
    names = [f"-s {n[1:]}" if len(n) == 2 else f"-l {n[2:]}" for n in option.names]  # noqa: PLR2004
    takes = {Takes.NOTHING: "", Takes.FOLDER: " -x -a '(__fish_complete_directories)'"}
    found = takes.get(option.takes, " -r")
    if option.choices:
        found = f" -x -a {_quoted(' '.join(option.choices))}"
    return " ".join(names) + found


def _quoted(words: str) -> str:
    """Words in single quotes, as every of these shells reads them."""
    return "'" + words.replace("'", "'\\''") + "'"
