from django.db import migrations


def keep(apps, schema_editor):
    """Who wanted e-mail of urgent orders alone goes on getting no other."""
    User = apps.get_model("accounts", "User")
    MailChoice = apps.get_model("notifications", "MailChoice")
    MailChoice.objects.bulk_create(
        MailChoice(user=user, category="order_routine", wanted=False)
        for user in User.objects.filter(mail_urgent_only=True)
    )


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0002_mail_choices"),
        ("accounts", "0005_accounts_move_by_the_table"),
    ]
    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
