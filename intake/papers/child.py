"""`python -m intake.papers.child TYPE`: open one paper from standard input, within limits.

Answers on standard output: the bytes of a picture written anew, then one line of JSON. A paper that
takes the process down takes nothing else with it.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import IO

from intake.papers import limits
from intake.papers.refusals import PaperRefused, Refusal


def main(content_type: str, source: IO[bytes], answer: IO[bytes]) -> None:
    try:
        pages = _judge(content_type, source, answer)
    except PaperRefused as refused:
        _say(answer, {"refused": refused.refusal.name})
    except Exception:
        # Whatever a damaged file leads a parser to: it cannot be opened.
        _say(answer, {"refused": Refusal.BROKEN.name})
    else:
        _say(answer, {"pages": pages})


def _judge(content_type: str, source: IO[bytes], answer: IO[bytes]) -> int:
    if content_type == "application/pdf":
        from intake.papers.documents import pages_of

        return pages_of(source.read())
    from intake.papers.pictures import rewrite

    rewrite(source, content_type, answer)
    return 1


def _say(answer: IO[bytes], verdict: dict[str, object]) -> None:
    """Last and on a line of its own, so that bytes before it are the picture's."""
    answer.write(b"\n" + json.dumps(verdict).encode())
    answer.flush()


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_CPU, limits.CPU_SECONDS),
        (resource.RLIMIT_AS, limits.ADDRESS_SPACE),
        (resource.RLIMIT_FSIZE, limits.OUTPUT_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    _limit()
    main(sys.argv[1], sys.stdin.buffer, sys.stdout.buffer)
