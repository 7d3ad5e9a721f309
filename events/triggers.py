"""Triggers that several apps hang on their append-only tables."""

from __future__ import annotations

import pgtrigger


def never_truncated(table: str) -> pgtrigger.Trigger:
    """Refuse TRUNCATE, which row triggers do not see."""
    return pgtrigger.Trigger(
        name=f"{table}_is_never_truncated",
        level=pgtrigger.Statement,
        operation=pgtrigger.Truncate,
        when=pgtrigger.Before,
        func=f"RAISE EXCEPTION 'pgtrigger: {table} is append-only';",
    )


def append_only(table: str) -> list[pgtrigger.Trigger]:
    """Refuse UPDATE, DELETE and TRUNCATE: what was said stays said."""
    return [
        pgtrigger.Protect(
            name=f"{table}_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete
        ),
        never_truncated(table),
    ]
