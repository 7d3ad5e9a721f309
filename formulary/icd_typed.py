"""What was typed to find a diagnosis code: the beginning of a code, words, or both. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

# A letter and an early digit: `l4`, `t22.011d`, `qa0`. A word such as `burn` has none.
_LIKE_A_CODE = re.compile(r"[a-z](?:[0-9][0-9a-z]?|[a-z][0-9])(?:(?<=...)\.?[0-9a-z]{0,4})?")
_SILENT = frozenset(("a", "an", "and", "by", "for", "in", "of", "on", "or", "the", "to"))
_LONGEST = 200
_MOST_WORDS = 12
_LEAST = 2


@dataclass(frozen=True, slots=True)
class Typed:
    """`code`: as stored, with its point, when the first word looks like one; `words`: all of them,
    `rest` those behind the code. Every word stands for its beginning."""

    code: str
    words: tuple[str, ...]
    rest: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Typed:
        plain = _plain(text[:_LONGEST])
        first, _, behind = plain.partition(" ")
        first = first.rstrip(":,;.")
        code = normal(first) if _LIKE_A_CODE.fullmatch(first) else ""
        return cls(code, _words(plain), _words(behind) if code else ())

    @property
    def is_enough(self) -> bool:
        return len(self.code) >= _LEAST or sum(map(len, self.words)) >= _LEAST

    @property
    def kind(self) -> str:
        if not self.code:
            return "words"
        return "code_and_words" if self.rest else "code"

    def values(self) -> dict[str, str]:
        return {
            "code": self.code,
            "beginning": f"{self.code}%",
            "words": _query(self.words),
            "rest": _query(self.rest),
        }

    def name_among(self, names: Iterable[str], *, but_not: str) -> str:
        """The name that holds what was typed, when the title itself does not."""
        wanted = self.rest or (() if self.code else self.words)
        if not wanted or _holds(but_not, wanted):
            return ""
        return next((name for name in names if _holds(name, wanted)), "")


def normal(code: str) -> str:
    """A code as it is stored: `l400` is `L40.0`; nothing for what cannot be one."""
    letters = unicodedata.normalize("NFKC", code[:_LONGEST]).strip().upper()
    letters = letters[:3] + letters[3:].removeprefix(".")
    if not re.fullmatch(r"[0-9A-Z]+", letters):
        return ""
    return f"{letters[:3]}.{letters[3:]}" if len(letters) > 3 else letters


def _plain(text: str) -> str:
    """As the index of the table has it: no accents, small letters."""
    apart = unicodedata.normalize("NFKD", text)
    return " ".join(
        "".join(part for part in apart if not unicodedata.combining(part)).lower().split()
    )


def _words(plain: str) -> tuple[str, ...]:
    words = re.findall(r"[a-z0-9]+", plain)[:_MOST_WORDS]
    telling = [word for word in words if word not in _SILENT]
    return tuple(telling or words)


def _query(words: tuple[str, ...]) -> str:
    return " & ".join(f"{word}:*" for word in words)


def _holds(name: str, wanted: tuple[str, ...]) -> bool:
    there = re.findall(r"[a-z0-9]+", _plain(name))
    return all(any(word.startswith(part) for word in there) for part in wanted)
