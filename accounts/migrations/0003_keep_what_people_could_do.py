"""Delegates keep what they could do, and closed practices stay closed.

Nobody becomes a member of anything here: a prescriber whose membership has ended, or who works for
the pharmacy by now, had no right in the practice and gets none.
"""

from django.db import migrations


def keep(apps, schema_editor):
    Membership = apps.get_model("accounts", "Membership")
    Practice = apps.get_model("accounts", "Practice")
    Membership.objects.filter(role="delegate").update(duties=["prepare"])
    Practice.objects.filter(is_active=False).update(status="suspended")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_practices_run_themselves")]
    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
