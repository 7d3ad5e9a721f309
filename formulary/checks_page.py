"""The page docs/checks.md, from the rules themselves: code, level, text, source, questions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from formulary.amounts import display
from formulary.facts import QUESTION_LABELS
from formulary.findings import Code, Level
from formulary.order_rules import GROUPS, ORDER_RULES
from formulary.order_rules.questions import NEEDS
from formulary.order_rules.regimen import REGIMEN_CHECKS
from formulary.order_rules.rule import HOUSE, Rule, Says
from formulary.shipped import shipped_figures

_HEAD = ("code", "level", "raised when", "what the rule holds", "source", "questions it needs")
_LEVELS = {
    Level.STOP: "Blocks signing; at approval it is settled by clarification or rejection.",
    Level.NOT_ANSWERED: "A question that a rule needs has no answer: blocks signing and names it.",
    Level.NOT_CHECKED: "Could not be evaluated: may be signed, a pharmacist clears each by name.",
    Level.WARN: "Signed with a coded reason, which the pharmacist reviews.",
    Level.INFO: "Shown to the pharmacist, with counselling where there is some.",
    Level.INVALID: "A line of `check_regimen` that cannot be read; forms say it at the field.",
}
# What reading a line of `check_regimen` refuses before any rule.
_OF_LINES = {
    Code.MALFORMED_LINE: "The line is one JSON object in UTF-8, not too long and not nested too deeply.",
    Code.KEY_UNKNOWN: "Every key of the line is known.",
    Code.KEY_MISSING: "Every needed key is there.",
    Code.KEY_TWICE: "No key stands twice.",
    Code.VALUE_NOT_READ: "Whole numbers, lists and identities can be read and keep to their limits.",
    Code.DOSE_NOT_READ: "A dose is text in the one spelling that is read: 0.5, 5, 4.5.",
    Code.UNIT_UNKNOWN: "The unit of a dose is mg or mcg.",
    Code.PRODUCT_UNKNOWN: "The product is one of the formulary’s codes.",
}


def page() -> Iterator[str]:
    """The lines of the page."""
    yield from (
        "# Checks",
        "",
        "Written by `make docs` from the rules in the code; `make check` compares. Figures in the texts",
        "are the shipped ones: a pharmacist keeps them as rows, and so every list, range and state rule.",
    )
    yield from _table("Levels", ("level", "what follows"), _levels())
    yield from _table("Steps and products", _HEAD, _rows(REGIMEN_CHECKS))
    for title, rules in GROUPS:
        yield from _table(title, _HEAD, _rows(rules))
    yield from _table("Every rule", _HEAD, _every_rule())
    yield from _table("Questions", ("question", "in words", "asked"), _questions())
    yield from _table("Figures", ("figure", "start value", "what it is", "source"), _figures())
    lines = ((f"`{code}`", str(Level.INVALID), text) for code, text in _OF_LINES.items())
    yield from _table(
        "Reading a line of `check_regimen`", ("code", "level", "what it holds"), lines
    )


def _table(title: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    head = list(head)
    yield from ("", f"## {title}", "", _row(head), _row(["---"] * len(head)))
    yield from map(_row, rows)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _levels() -> Iterator[tuple[str, str]]:
    return ((f"`{level}`", text) for level, text in _LEVELS.items())


def _rows(rules: Iterable[Rule]) -> Iterator[tuple[str, ...]]:
    """One row a code; a rule without one of its own only asks its questions."""
    for rule in rules:
        needs = ", ".join(f"`{need.question}`" for need in rule.needs)
        for says in rule.says or (_UNANSWERED,):
            when = says.when or "it does not hold"
            yield f"`{says.code}`", str(says.level), when, rule.text, rule.source, needs


_UNANSWERED = Says(Code.QUESTION_UNANSWERED, Level.NOT_ANSWERED, "the question has no answer")


def _every_rule() -> Iterator[tuple[str, ...]]:
    asks, each = ORDER_RULES[0], "as below"
    yield (
        f"`{asks.says[0].code}`",
        str(asks.says[0].level),
        _UNANSWERED.when,
        asks.text,
        HOUSE,
        each,
    )
    failed = "A rule that fails hides no other: a second pharmacist applies it by hand."
    yield f"`{Code.RULE_ERROR}`", str(Level.NOT_CHECKED), "the rule itself fails", failed, HOUSE, ""


def _questions() -> Iterator[tuple[str, ...]]:
    for question, need in NEEDS.items():
        yield f"`{question}`", QUESTION_LABELS[question], need.words or "always"


def _figures() -> Iterator[tuple[str, ...]]:
    for row in shipped_figures():
        value = f"{display(row['value'])} {row['unit']}".strip()
        yield f"`{row['key']}`", value, row["label"], row["source"]
