"""Delegates keep what they could do, closed practices stay closed, prescribers stay members."""

from django.db import migrations


def keep(apps, schema_editor):
    Membership = apps.get_model("accounts", "Membership")
    Practice = apps.get_model("accounts", "Practice")
    Prescriber = apps.get_model("accounts", "Prescriber")
    Membership.objects.filter(role="delegate").update(duties=["prepare"])
    Practice.objects.filter(is_active=False).update(status="suspended")
    for prescriber in Prescriber.objects.all():
        Membership.objects.get_or_create(
            user_id=prescriber.user_id,
            practice_id=prescriber.practice_id,
            ended_at=None,
            defaults={"role": "prescriber"},
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_practices_run_themselves")]
    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
