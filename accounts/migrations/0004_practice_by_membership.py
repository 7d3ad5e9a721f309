from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_keep_what_people_could_do")]
    operations = [
        migrations.RemoveField(model_name="practice", name="is_active"),
        migrations.RemoveField(model_name="prescriber", name="practice"),
    ]
