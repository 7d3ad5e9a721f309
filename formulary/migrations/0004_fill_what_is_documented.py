from __future__ import annotations

import json
from pathlib import Path

from django.db import migrations

_FILE = Path(__file__).resolve().parent.parent / "data" / "formulary.json"
_WORDS = (
    "documented_dose", "time_to_effect", "evidence", "not_documented", "cautions", "elsewhere",
    "further_sources",
)


def fill(apps, schema_editor):
    """Rows stored before these columns were there take the shipped words; the seed changes no row."""
    Indication = apps.get_model("formulary", "Indication")
    shipped = {row["slug"]: row for row in json.loads(_FILE.read_text(encoding="utf-8"))["indications"]}
    for row in Indication.objects.filter(slug__in=shipped):
        if any(getattr(row, name) for name in _WORDS):
            continue
        for name in _WORDS:
            setattr(row, name, shipped[row.slug].get(name, ""))
        row.save(update_fields=_WORDS)


class Migration(migrations.Migration):
    dependencies = [("formulary", "0003_ship_states_and_what_is_documented")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
