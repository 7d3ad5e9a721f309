import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('formulary', '0004_fill_what_is_documented'),
    ]

    operations = [
        migrations.CreateModel(
            name='DiagnosisCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=8)),
                ('label', models.CharField(max_length=300)),
                ('other_names', models.TextField(blank=True, help_text='One a line; found, never printed.')),
                ('billable', models.BooleanField(help_text='No: a header, with billable codes below it.')),
                ('release', models.CharField(max_length=20)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(blank=True, null=True)),
                ('search', models.GeneratedField(db_persist=True, expression=models.Func(models.F('label'), models.F('other_names'), arg_joiner=" || ' ' || ", template="to_tsvector('simple'::regconfig, regexp_replace(lower(translate(%(expressions)s, 'ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöøùúûüý', 'AAAAAACEEEEIIIINOOOOOOUUUUYaaaaaaceeeeiiiinoooooouuuuy')), '[^a-z0-9]+', ' ', 'g'))"), output_field=django.contrib.postgres.search.SearchVectorField())),
            ],
            options={
                'ordering': ['code', 'valid_from'],
                'indexes': [models.Index(fields=['code'], name='diagnosis_code_as_one_types', opclasses=['varchar_pattern_ops']), django.contrib.postgres.indexes.GinIndex(fields=['search'], name='diagnosis_code_by_words')],
                'constraints': [models.UniqueConstraint(fields=('code', 'valid_from'), name='diagnosis_code_begins_once_on_a_day'), models.UniqueConstraint(condition=models.Q(('valid_to', None)), fields=('code',), name='diagnosis_code_has_one_meaning_in_force'), models.CheckConstraint(condition=models.Q(('code__regex', '^[A-Z][0-9A-Z]{2}(\\.[0-9A-Z]{1,4})?$')), name='diagnosis_code_is_written_with_its_point'), models.CheckConstraint(condition=models.Q(models.Q(('label', ''), _negated=True), models.Q(('release', ''), _negated=True)), name='diagnosis_code_has_a_label_and_a_release'), models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='diagnosis_code_begins_before_it_ends')],
            },
        ),
    ]
