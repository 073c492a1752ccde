"""Make the groups of those who work with the product, with their rights."""

from django.db import migrations

from engagements.groups import give_rights


def make_groups(apps, schema_editor):
    give_rights(apps, schema_editor.connection.alias)


class Migration(migrations.Migration):

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("catalog", "0002_drafts"),
        ("engagements", "0002_reviews"),
    ]

    operations = [
        # Backwards the groups stay: whoever is in one would lose that for good.
        migrations.RunPython(make_groups, migrations.RunPython.noop, elidable=False),
    ]
