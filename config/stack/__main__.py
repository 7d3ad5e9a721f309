"""`python -m config.stack run | test -- COMMAND | manage ARGUMENTS`."""

from __future__ import annotations

import sys

from config.stack import StackError

USAGE = "usage: python -m config.stack run | test -- COMMAND… | manage ARGUMENTS…"


def main(arguments: list[str]) -> int:
    match arguments:
        case ["test", "--", *command] if command:
            from config.stack.trial import run_command

            return run_command(command)
        case _:
            raise StackError(USAGE)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except StackError as problem:
        print(problem, file=sys.stderr)
        sys.exit(1)
