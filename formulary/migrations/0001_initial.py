# ruff: noqa: E501  compiled triggers stand on one line
import django.contrib.postgres.constraints
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Drug",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="Indication",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=120)),
                (
                    "documented",
                    models.CharField(
                        choices=[
                            ("treatable", "treatable"),
                            ("emergent", "emergent"),
                            ("autoimmune_only", "autoimmune only"),
                            ("not_documented", "not documented"),
                        ],
                        max_length=20,
                    ),
                ),
                ("text", models.TextField(max_length=500)),
                ("source", models.CharField(max_length=200)),
                ("reviewed", models.DateField()),
                ("active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="IndicationCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=8)),
                ("label", models.CharField(max_length=200)),
                (
                    "full_length",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="0: an exact code. Otherwise the characters of a full code, no point.",
                    ),
                ),
                (
                    "documented",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("treatable", "treatable"),
                            ("emergent", "emergent"),
                            ("autoimmune_only", "autoimmune only"),
                            ("not_documented", "not documented"),
                        ],
                        help_text="Empty: as the condition.",
                        max_length=20,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="MedicineName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("opioid_short", "opioid short"),
                            ("opioid_long", "opioid long"),
                            ("opioid_marker", "opioid marker"),
                            ("long_acting_mark", "long acting mark"),
                            ("neutral", "neutral"),
                            ("filler", "filler"),
                        ],
                        max_length=20,
                    ),
                ),
                ("active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=30, unique=True)),
                ("form", models.CharField(max_length=40)),
                (
                    "unit",
                    models.CharField(choices=[("capsule", "capsule"), ("mL", "mL")], max_length=10),
                ),
                ("strength_mg", models.DecimalField(decimal_places=3, max_digits=9)),
                ("increment", models.DecimalField(decimal_places=3, max_digits=6)),
                (
                    "beyond_use_days",
                    models.PositiveSmallIntegerField(
                        validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                ("source", models.CharField(max_length=200)),
                ("active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Reason",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("compounding", "compounding"),
                            ("urgency", "urgency"),
                            ("clarification", "clarification"),
                            ("rejection", "rejection"),
                            ("cancellation", "cancellation"),
                            ("give_back", "give back"),
                            ("release", "release"),
                            ("answer", "answer"),
                            ("acknowledgement", "acknowledgement"),
                            ("clearance", "clearance"),
                        ],
                        max_length=20,
                    ),
                ),
                ("code", models.SlugField(max_length=40)),
                ("label", models.CharField(max_length=120)),
                ("needs_text", models.BooleanField(default=False)),
                ("min_chars", models.PositiveSmallIntegerField(default=0)),
                ("finding", models.CharField(blank=True, max_length=40)),
                ("active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="RegimenTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=120)),
                (
                    "days_supply",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(365),
                        ]
                    ),
                ),
                ("source", models.CharField(max_length=200)),
                ("active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Route",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=20, unique=True)),
                ("words", models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name="TemplateStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(20),
                        ]
                    ),
                ),
                ("dose_mg", models.DecimalField(decimal_places=3, max_digits=6)),
                (
                    "times_per_day",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(24),
                        ],
                    ),
                ),
                ("days", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "timing",
                    models.CharField(
                        choices=[
                            ("any", "any"),
                            ("bedtime", "bedtime"),
                            ("morning", "morning"),
                            ("evening", "evening"),
                            ("morning_and_bedtime", "morning and bedtime"),
                        ],
                        default="bedtime",
                        max_length=20,
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="Version",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stamp", models.UUIDField()),
            ],
            options={
                "db_table": "formulary_version",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="DocumentedRange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("min_mg", models.DecimalField(decimal_places=3, max_digits=9)),
                ("max_mg", models.DecimalField(decimal_places=3, max_digits=9)),
                ("source", models.CharField(max_length=200)),
                ("starts", models.DateField(blank=True, null=True)),
                ("ends", models.DateField(blank=True, null=True)),
                (
                    "drug",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ranges",
                        to="formulary.drug",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="drug",
            trigger=pgtrigger.compiler.Trigger(
                name="change_stamps_the_formulary",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            INSERT INTO formulary_version (id, stamp) VALUES (1, gen_random_uuid())\n            ON CONFLICT (id) DO UPDATE SET stamp = EXCLUDED.stamp;\n            RETURN NULL;\n        ",
                    hash="2284a7c22bbe166f41d5cdf1b9c458b7598c59dd",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_change_stamps_the_formulary_a697d",
                    table="formulary_drug",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="indication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "documented__in",
                        ["treatable", "emergent", "autoimmune_only", "not_documented"],
                    )
                ),
                name="indication_says_what_is_documented",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="indication",
            trigger=pgtrigger.compiler.Trigger(
                name="change_stamps_the_formulary",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            INSERT INTO formulary_version (id, stamp) VALUES (1, gen_random_uuid())\n            ON CONFLICT (id) DO UPDATE SET stamp = EXCLUDED.stamp;\n            RETURN NULL;\n        ",
                    hash="7917d351a6e7960f2bf4df02ce2ea424956793a1",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_change_stamps_the_formulary_62ee4",
                    table="formulary_indication",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="indicationcode",
            name="indication",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="codes",
                to="formulary.indication",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicinename",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__regex", "^[a-z0-9]+( [a-z0-9]+){0,3}$")),
                name="medicine_name_is_one_to_four_plain_words",
                violation_error_message="Write one to four words in letters and digits.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="medicinename",
            trigger=pgtrigger.compiler.Trigger(
                name="change_stamps_the_formulary",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            INSERT INTO formulary_version (id, stamp) VALUES (1, gen_random_uuid())\n            ON CONFLICT (id) DO UPDATE SET stamp = EXCLUDED.stamp;\n            RETURN NULL;\n        ",
                    hash="35f21bd0e32472090bb8cdda6dd3c48f2eb040ee",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_change_stamps_the_formulary_11480",
                    table="formulary_medicinename",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="drug",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="products",
                to="formulary.drug",
            ),
        ),
        migrations.AddConstraint(
            model_name="reason",
            constraint=models.UniqueConstraint(
                fields=("kind", "code"), name="reason_code_is_unique_in_its_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="reason",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("min_chars", 0), ("needs_text", False)),
                    models.Q(("min_chars__gt", 0), ("needs_text", True)),
                    _connector="OR",
                ),
                name="reason_in_words_has_a_least_length",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reason",
            trigger=pgtrigger.compiler.Trigger(
                name="change_stamps_the_formulary",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            INSERT INTO formulary_version (id, stamp) VALUES (1, gen_random_uuid())\n            ON CONFLICT (id) DO UPDATE SET stamp = EXCLUDED.stamp;\n            RETURN NULL;\n        ",
                    hash="8192e83a9ce6f90f6343798e19b4cfb1ec3460d6",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_change_stamps_the_formulary_31241",
                    table="formulary_reason",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="regimentemplate",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="templates",
                to="formulary.product",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="route",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="products",
                to="formulary.route",
            ),
        ),
        migrations.AddField(
            model_name="documentedrange",
            name="route",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ranges",
                to="formulary.route",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="route",
            trigger=pgtrigger.compiler.Trigger(
                name="change_stamps_the_formulary",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            INSERT INTO formulary_version (id, stamp) VALUES (1, gen_random_uuid())\n            ON CONFLICT (id) DO UPDATE SET stamp = EXCLUDED.stamp;\n            RETURN NULL;\n        ",
                    hash="d09786b62931eba26c9629c4e6109a3536c052cf",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_change_stamps_the_formulary_4a2dd",
                    table="formulary_route",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="templatestep",
            name="template",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="steps",
                to="formulary.regimentemplate",
            ),
        ),
        migrations.AddConstraint(
            model_name="indicationcode",
            constraint=models.UniqueConstraint(
                fields=("indication", "code"), name="indication_names_a_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="indicationcode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("full_length", 0), ("full_length__range", (3, 7)), _connector="OR"
                ),
                name="diagnosis_codes_have_three_to_seven_characters",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="indicationcode",
            trigger=pgtrigger.compiler.Trigger(
                name="change_stamps_the_formulary",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            INSERT INTO formulary_version (id, stamp) VALUES (1, gen_random_uuid())\n            ON CONFLICT (id) DO UPDATE SET stamp = EXCLUDED.stamp;\n            RETURN NULL;\n        ",
                    hash="08ddc030325363a369bcc10d338b50462212fccf",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_change_stamps_the_formulary_d8caa",
                    table="formulary_indicationcode",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="regimentemplate",
            trigger=pgtrigger.compiler.Trigger(
                name="change_stamps_the_formulary",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            INSERT INTO formulary_version (id, stamp) VALUES (1, gen_random_uuid())\n            ON CONFLICT (id) DO UPDATE SET stamp = EXCLUDED.stamp;\n            RETURN NULL;\n        ",
                    hash="358b8d46aad88003e45a520cc4907510af695c07",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_change_stamps_the_formulary_b6d59",
                    table="formulary_regimentemplate",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("beyond_use_days__gt", 0), ("increment__gt", 0), ("strength_mg__gt", 0)
                ),
                name="product_figures_are_more_than_zero",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("unit", "mL"), models.Q(("increment", 1), ("unit", "capsule")), _connector="OR"
                ),
                name="capsules_are_taken_whole_and_liquids_in_ml",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="product",
            trigger=pgtrigger.compiler.Trigger(
                name="change_stamps_the_formulary",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            INSERT INTO formulary_version (id, stamp) VALUES (1, gen_random_uuid())\n            ON CONFLICT (id) DO UPDATE SET stamp = EXCLUDED.stamp;\n            RETURN NULL;\n        ",
                    hash="e6b731381b87f07671c9a18becc32930f71d9fd3",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_change_stamps_the_formulary_73765",
                    table="formulary_product",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="documentedrange",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_mg__gte", models.F("min_mg")), ("min_mg__gt", 0)),
                name="documented_range_runs_from_more_than_zero_upwards",
            ),
        ),
        migrations.AddConstraint(
            model_name="documentedrange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("starts", None),
                    ("ends", None),
                    ("ends__gte", models.F("starts")),
                    _connector="OR",
                ),
                name="documented_range_starts_before_it_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="documentedrange",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    (
                        models.Func(
                            models.F("drug"),
                            models.F("drug"),
                            models.Value("[]"),
                            function="int8range",
                        ),
                        "&&",
                    ),
                    (
                        models.Func(
                            models.F("route"),
                            models.F("route"),
                            models.Value("[]"),
                            function="int8range",
                        ),
                        "&&",
                    ),
                    (
                        models.Func(
                            models.F("starts"),
                            models.F("ends"),
                            models.Value("[]"),
                            function="daterange",
                        ),
                        "&&",
                    ),
                ],
                name="one_documented_range_a_day_for_a_drug_and_route",
                violation_error_message="Another range of this drug and route is in force on some of these days: end it the day before this one starts.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="documentedrange",
            trigger=pgtrigger.compiler.Trigger(
                name="change_stamps_the_formulary",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            INSERT INTO formulary_version (id, stamp) VALUES (1, gen_random_uuid())\n            ON CONFLICT (id) DO UPDATE SET stamp = EXCLUDED.stamp;\n            RETURN NULL;\n        ",
                    hash="8b1dee570d4fced1e10b7965fd083290a7f3bca2",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_change_stamps_the_formulary_8c9f1",
                    table="formulary_documentedrange",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="templatestep",
            constraint=models.UniqueConstraint(
                fields=("template", "number"), name="template_counts_its_steps_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="templatestep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("dose_mg__gt", 0),
                    ("times_per_day__gt", 0),
                    models.Q(("days", None), ("days__gt", 0), _connector="OR"),
                ),
                name="template_step_gives_a_dose",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="templatestep",
            trigger=pgtrigger.compiler.Trigger(
                name="change_stamps_the_formulary",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            INSERT INTO formulary_version (id, stamp) VALUES (1, gen_random_uuid())\n            ON CONFLICT (id) DO UPDATE SET stamp = EXCLUDED.stamp;\n            RETURN NULL;\n        ",
                    hash="417cec2a036a1726947b7546577aaae9215993a2",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_change_stamps_the_formulary_ecb4f",
                    table="formulary_templatestep",
                    when="AFTER",
                ),
            ),
        ),
    ]
