"""What the database itself refuses of accounts."""

from __future__ import annotations

from collections.abc import Iterable

import pgtrigger

from accounts.status import ACCOUNT_MOVES, AccountStatus


def account_moves_by_the_table(
    table: str, moves: Iterable[tuple[AccountStatus, AccountStatus]] = ACCOUNT_MOVES
) -> pgtrigger.Trigger:
    """Refuse any other move of the account's status than these."""
    return pgtrigger.FSM(
        name=f"{table}_account_moves_by_the_table",
        field="status",
        transitions=sorted((str(here), str(there)) for here, there in moves),
    )
