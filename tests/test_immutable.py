"""What is written once stays as it was: in Django's ways, around them, and in the database."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction

from catalog import triggers
from catalog.immutable import Immutable, ImmutableError
from catalog.models import Playbook, PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import issue_brief, issue_recommendation, start
from engagements.models import (
    Assessment,
    BriefVersion,
    Note,
    Recommendation,
    Review,
    Tick,
)
from tests.factories import small_playbook, tamper

pytestmark = pytest.mark.django_db

Row = Any  # of any of these models
Way = Callable[[Row], object]

IMMUTABLE = [model for model in apps.get_models() if issubclass(model, Immutable)]


@pytest.fixture
def assessment(db: None) -> Assessment:
    """An assessment that has a row of every immutable kind."""
    ada = User.objects.create(username="ada")
    version, _ = publish(small_playbook(), by=ada)
    assessment = start(version, {"cause": ("known",), "work": ("build",), "money": ("monthly",)})
    recommendation = issue_recommendation(assessment)
    issue_brief(assessment)
    Review.objects.create(
        assessment=assessment,
        recommendation=recommendation,
        number=1,
        decision="approved",
        reviewer=ada,
    )
    Note.objects.create(assessment=assessment, text="Call on Monday.", author=ada)
    Tick.objects.create(
        assessment=assessment,
        checklist="setup",
        group="access",
        item="A key is handed over",
        done=True,
        name="Ada",
        user=ada,
    )
    connection.check_constraints()  # none waits, which PostgreSQL would rather tell about
    return assessment


def base(row: Row) -> Any:
    """The manager that Django itself uses, which is not ours."""
    return type(row)._base_manager  # noqa: SLF001


def column_of(row: Row) -> str:
    """A column to change that nothing refers to."""
    return {Note: "text", Tick: "item"}.get(type(row), "number")


def set_other(row: Row) -> Row:
    """Set the column to another value, which is not saved yet."""
    setattr(row, column_of(row), 7)
    return row


def write_over(rows: Any, row: Row) -> None:
    """Add a row in the place of one that is there, by a manager."""
    rows.bulk_create(
        [set_other(row)],
        update_conflicts=True,
        update_fields=[column_of(row)],
        unique_fields=["id"],
    )


def load_over(row: Row) -> None:
    """Load a fixture in which the row is another."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "over.json"
        call_command("dumpdata", row._meta.label, output=str(path), verbosity=0)
        [document] = json.loads(path.read_text())
        document["fields"][column_of(row)] = 7
        path.write_text(json.dumps([document]))
        call_command("loaddata", str(path), verbosity=0)


def sql(statement: str) -> Way:
    """Run a statement on the table of a row."""

    def run(row: Row) -> None:
        name = connection.ops.quote_name
        table, column = name(row._meta.db_table), name(column_of(row))
        with connection.cursor() as cursor:
            cursor.execute(statement.format(table=table, column=column, pk=row.pk))

    return run


DJANGO: dict[str, Way] = {
    "save": lambda row: set_other(row).save(),
    "save of one field": lambda row: set_other(row).save(update_fields=[column_of(row)]),
    "update": lambda row: type(row).objects.update(**{column_of(row): 7}),
    "update of one": lambda row: type(row).objects.filter(pk=row.pk).update(**{column_of(row): 7}),
    "update or create": lambda row: type(row).objects.update_or_create(
        pk=row.pk, defaults={column_of(row): 7}
    ),
    "bulk update": lambda row: type(row).objects.bulk_update([set_other(row)], [column_of(row)]),
    "bulk create over it": lambda row: write_over(type(row).objects, row),
    "delete": lambda row: row.delete(),
    "delete of all": lambda row: type(row).objects.all().delete(),
}
"""Django's ways, on which we stand."""

AROUND: dict[str, Way] = {
    "update by the base manager": lambda row: base(row).update(**{column_of(row): 7}),
    "bulk update by the base manager": lambda row: base(row).bulk_update(
        [set_other(row)], [column_of(row)]
    ),
    "bulk create by the base manager": lambda row: write_over(base(row), row),
    "Django's own save": lambda row: models.Model.save(set_other(row)),
    "save_base": lambda row: set_other(row).save_base(),
    "Django's own delete": models.Model.delete,
    "delete by the base manager": lambda row: base(row).all().delete(),
    "raw delete": lambda row: type(row).objects.all()._raw_delete("default"),  # noqa: SLF001
    "loaddata": load_over,
    "UPDATE": sql("UPDATE {table} SET {column} = '7'"),
    "UPDATE that changes nothing": sql("UPDATE {table} SET {column} = {column}"),
    "DELETE": sql("DELETE FROM {table}"),
    "DELETE of one": sql("DELETE FROM {table} WHERE id = {pk}"),
    "INSERT or else UPDATE": sql(
        "INSERT INTO {table} SELECT * FROM {table} WHERE true "
        "ON CONFLICT (id) DO UPDATE SET {column} = '7'"
    ),
    **{
        "sqlite": {
            "INSERT OR REPLACE": sql("INSERT OR REPLACE INTO {table} SELECT * FROM {table}"),
            "UPDATE OR REPLACE": sql("UPDATE OR REPLACE {table} SET id = id"),
        },
        "postgresql": {
            "TRUNCATE": sql("TRUNCATE {table} CASCADE"),
            "MERGE": sql(
                "MERGE INTO {table} USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE"
            ),
        },
    }[connection.vendor],
}
"""Ways around us, at whose end the database stands."""


@pytest.mark.parametrize("model", IMMUTABLE, ids=lambda model: model.__name__)
@pytest.mark.parametrize(
    ("way", "error"),
    [
        *(pytest.param(way, ImmutableError, id=name) for name, way in DJANGO.items()),
        *(pytest.param(way, IntegrityError, id=name) for name, way in AROUND.items()),
    ],
)
def test_nothing_changes_or_deletes_a_row(
    assessment: Assessment, model: type[Row], way: Way, error: type[Exception]
) -> None:
    before = model.objects.values().get()

    with pytest.raises(error, match=r"(?i)cannot (be|delete)"), transaction.atomic():
        way(model.objects.get())

    assert model.objects.values().get() == before


def test_it_works(assessment: Assessment) -> None:
    assert {PlaybookVersion, Recommendation, BriefVersion, Review, Note, Tick} <= set(IMMUTABLE)
    assert [model.objects.count() for model in IMMUTABLE] == [1] * len(IMMUTABLE)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        AROUND["UPDATE"](PlaybookVersion.objects.get())
    assert "Playbook versions cannot be changed; add a new one instead." in str(refused.value)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        AROUND["DELETE"](Note.objects.get())
    assert "Notes cannot be deleted." in str(refused.value)


def test_no_row_takes_the_number_of_another(assessment: Assessment) -> None:
    """Where the key differs: INSERT OR REPLACE would take the old one away."""
    before = PlaybookVersion.objects.values().get()
    columns = [field.column for field in PlaybookVersion._meta.local_fields]
    values = ["id + 1" if column == "id" else column for column in columns]
    insert = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"{insert} INTO catalog_playbookversion ({', '.join(columns)}) "  # noqa: S608
            f"SELECT {', '.join(values)} FROM catalog_playbookversion"
        )

    assert PlaybookVersion.objects.values().get() == before


@pytest.mark.parametrize("model", [Assessment, Playbook, User], ids=lambda model: model.__name__)
def test_what_history_hangs_on_cannot_be_deleted(
    assessment: Assessment, model: type[models.Model]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        model._base_manager.all().delete()  # noqa: SLF001

    assert model._base_manager.count() == 1  # noqa: SLF001


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(lambda versions: versions.update(number=7), id="update"),
        pytest.param(lambda versions: versions.all().delete(), id="delete"),
    ],
)
def test_the_way_through_the_playbook_is_no_other(assessment: Assessment, way: Way) -> None:
    with pytest.raises(ImmutableError):
        way(assessment.version.playbook.versions)


# ---- The triggers themselves --------------------------------------------------------------


def test_every_immutable_table_is_guarded() -> None:
    assert triggers.unguarded(connection) == []
    assert [m for m in run_checks(databases=["default"]) if m.id == "catalog.W001"] == []


def test_a_table_without_triggers_is_noticed_and_mended_by_migrate() -> None:
    connection.check_constraints()
    triggers.drop(connection)

    tables = {model._meta.db_table for model in IMMUTABLE}
    assert set(triggers.unguarded(connection)) == tables
    told = [m for m in run_checks(databases=["default"]) if m.id == "catalog.W001"]
    assert len(told) == len(tables)
    assert any("The table catalog_playbookversion" in message.msg for message in told)
    assert all("manage.py migrate" in message.hint for message in told)

    call_command("migrate", verbosity=0)
    assert triggers.unguarded(connection) == []


def test_triggers_are_made_twice_without_harm(assessment: Assessment) -> None:
    connection.check_constraints()
    triggers.make(connection)
    triggers.make(connection)

    assert triggers.unguarded(connection) == []


def test_tampering_needs_the_triggers_gone(assessment: Assessment) -> None:
    version = PlaybookVersion.objects.get()

    tamper(version, number=7)

    assert PlaybookVersion.objects.get().number == 7
    assert triggers.unguarded(connection) == []


@pytest.mark.django_db(transaction=True)
def test_migrations_go_back_and_forth_over_guarded_tables() -> None:
    """Also those that copy a table, with rows in it: SQLite's way to alter one.

    Where the catalog goes, whatever is built on it goes before.
    """
    try:
        call_command("migrate", "catalog", "zero", verbosity=0)
        assert not {"catalog_playbookversion", "engagements_answer"} & set(
            connection.introspection.table_names()
        )
        call_command("migrate", "engagements", "0001", verbosity=0)
        assert triggers.unguarded(connection) == []
    finally:
        call_command("migrate", verbosity=0)

    assert triggers.unguarded(connection) == []


@pytest.mark.django_db(transaction=True)
def test_altering_a_table_keeps_its_rows_and_migrate_its_triggers(assessment: Assessment) -> None:
    field = models.CharField(max_length=10, default="new")
    field.set_attributes_from_name("extra")
    field.model = PlaybookVersion
    try:
        with connection.schema_editor() as editor:
            editor.add_field(PlaybookVersion, field)
        with connection.cursor() as cursor:
            cursor.execute("SELECT extra FROM catalog_playbookversion")
            assert cursor.fetchall() == [("new",)]
    finally:
        with connection.schema_editor() as editor:
            editor.remove_field(PlaybookVersion, field)

    call_command("migrate", verbosity=0)
    assert triggers.unguarded(connection) == []
