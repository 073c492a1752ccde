"""Note on each assessment whether a colleague was ever asked."""

from django.db import migrations, models


def note_who_asks(apps, schema_editor):
    using = schema_editor.connection.alias
    assessments = apps.get_model("engagements", "Assessment").objects.using(using)
    links = apps.get_model("engagements", "Link").objects.using(using).filter(kind="colleague")
    assessments.filter(pk__in=links.values("assessment")).update(asks_colleagues=True)


class Migration(migrations.Migration):

    dependencies = [("engagements", "0010_colleagues")]

    operations = [
        migrations.AddField(
            model_name="assessment",
            name="asks_colleagues",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.RunPython(note_who_asks, migrations.RunPython.noop),
    ]
