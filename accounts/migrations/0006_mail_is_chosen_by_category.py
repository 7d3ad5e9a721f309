from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_accounts_move_by_the_table"),
        ("notifications", "0003_keep_the_mail_switch"),
    ]
    operations = [migrations.RemoveField(model_name="user", name="mail_urgent_only")]
