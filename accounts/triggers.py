"""What the database itself refuses of accounts."""

from __future__ import annotations

import pgtrigger

from accounts.status import ACCOUNT_MOVES


def account_moves_by_the_table(table: str) -> pgtrigger.Trigger:
    """Refuse any other move than those of ACCOUNT_MOVES: what is deactivated stays so."""
    return pgtrigger.FSM(
        name=f"{table}_account_moves_by_the_table",
        field="status",
        transitions=sorted((str(here), str(there)) for here, there in ACCOUNT_MOVES),
    )
