"""`python -m config.stack run | test -- COMMAND… | manage ARGUMENTS…`."""

from __future__ import annotations

import os
import signal
import sys

from config.stack import StackError
from config.stack.jobs import STOPPING, Stop

USAGE = "usage: python -m config.stack run | test -- COMMAND… | manage ARGUMENTS…"


def main(arguments: list[str]) -> int:
    """The exit code; raises StackError with the one line to print."""
    match arguments:
        case ["run"] | ["run", "--under-make"]:
            return _run(Stop(under_make=len(arguments) > 1))
        case ["test", "--", *words] if words:
            from config.stack.trial import run_command

            return run_command(words)
        case ["manage", *rest]:
            from config.stack import command, options

            command.replace_us(options.read(os.environ), os.environ, rest)
        case ["prepare"] | ["prepare", "--demo"]:
            from config.stack.prepare import prepare

            prepare(demo="--demo" in arguments)
        case _:
            raise StackError(USAGE)
    return 0


def _run(stop: Stop) -> int:
    """Handlers first: imports take a moment in which Ctrl-C must already end us quietly."""
    stop.listen()
    os.umask(0o077)
    from config.stack import options
    from config.stack.supervisor import Supervisor

    try:
        Supervisor(options.read(os.environ), os.environ, stop, _say).run()
    finally:
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)
    return 0


def _say(text: str) -> None:
    """A line for the person at the terminal, who may be gone."""
    try:
        print(text, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except StackError as problem:
        print(f"scruple: {problem}", file=sys.stderr)
        sys.exit(1)
