"""The trigger that every table of the formulary carries."""

from __future__ import annotations

import pgtrigger


def stamps_version() -> pgtrigger.Trigger:
    """Any change of any row gives the formulary a new stamp, so that no process reads an old copy."""
    return pgtrigger.Trigger(
        name="change_stamps_the_formulary",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func="""
            INSERT INTO formulary_version (id, stamp) VALUES (1, gen_random_uuid())
            ON CONFLICT (id) DO UPDATE SET stamp = EXCLUDED.stamp;
            RETURN NULL;
        """,
    )


def product_never_changes() -> pgtrigger.Trigger:
    """What was signed names the product: another strength or form is another product."""
    return pgtrigger.ReadOnly(
        name="product_is_retired_never_changed",
        fields=["code", "drug", "route", "form", "unit", "strength_mg", "increment"],
    )
