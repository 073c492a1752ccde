"""Let catalog editors edit frequent questions, checklists and the chapters of the manual."""

from django.db import migrations

from engagements.groups import give_rights


def give_them(apps, schema_editor):
    give_rights(apps, schema_editor.connection.alias)


class Migration(migrations.Migration):

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("catalog", "0003_offers"),
        ("engagements", "0005_handover"),
    ]

    operations = [
        migrations.RunPython(give_them, migrations.RunPython.noop, elidable=False),
    ]
