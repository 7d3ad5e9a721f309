from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.permissions import DUTY_RIGHTS, RIGHTS, Right
from accounts.status import Role
from formulary import checks_page
from intake import status as intake
from notifications.catalogue import CATALOGUE
from orders import status as orders

_MOVE = ("from", "to", "right it takes")
_APPLICATION = ("state", "the reviewer reads", "the applicant reads")


class Command(BaseCommand):
    help = "Write docs/reference.md and docs/checks.md from the code; --check only compares."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="fail when a page is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        for page, lines in PAGES.items():
            path = Path(settings.BASE_DIR) / page
            text = "\n".join(lines()) + "\n"
            if not options["check"]:
                path.write_text(text)
            elif not path.exists() or path.read_text() != text:
                raise CommandError(f"{page} is stale: run `make docs`.")


def _page() -> Iterator[str]:
    yield "# Reference"
    yield ""
    yield "Written by `make docs` from the tables in the code; `make check` compares. The rules of the"
    yield "clinical check stand in [checks.md](checks.md)."
    yield from _section("States of an order", ("state", "the prescriber reads"), _states())
    yield from _section("Moves of an order", _MOVE, _moves(orders.ALLOWED_MOVES))
    yield from _section("States of an application", _APPLICATION, _application_states())
    yield from _section("Moves of an application", _MOVE, _moves(intake.ALLOWED_MOVES))
    yield from _section("Rights", ("right", *_HOLDERS), _rights())
    yield from _section("Notifications", ("event", "who hears", "how"), _notifications())


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "docs/reference.md": _page,
    "docs/checks.md": checks_page.page,
}


def _section(title: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    head = list(head)
    yield from ("", f"## {title}", "", _row(head), _row(["---"] * len(head)))
    yield from map(_row, rows)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _states() -> Iterator[tuple[str, ...]]:
    return ((f"`{status.value}`", str(status.label)) for status in orders.Status)


def _application_states() -> Iterator[tuple[str, ...]]:
    for status in intake.Status:
        yield f"`{status.value}`", str(status.label), intake.APPLICANT_SEES[status]


def _moves(table: Mapping[tuple[Any, Any], Right | None]) -> Iterator[tuple[str, ...]]:
    for (here, there), right in table.items():
        yield f"`{here}`", f"`{there}`", right.value if right else "the verb's own (see services)"


# A delegate's rights come from the duties alone, so each duty has a column.
_HOLDERS: dict[str, frozenset[Right]] = {
    **{str(role.label): RIGHTS[role] for role in Role if role != Role.DELEGATE},
    **{f"Delegate: {duty}": rights for duty, rights in DUTY_RIGHTS.items()},
}


def _rights() -> Iterator[tuple[str, ...]]:
    for right in Right:
        yield right.value, *("yes" if right in rights else "" for rights in _HOLDERS.values())


def _notifications() -> Iterator[tuple[str, ...]]:
    for kind, entry in CATALOGUE.items():
        heard = " ".join((entry.audience.__doc__ or "").split())
        yield f"`{kind}`", heard, ", ".join(str(channel) for channel in entry.channels)
