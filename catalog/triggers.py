"""What the database itself refuses: to change or delete a row of an immutable table.

`catalog.immutable` refuses in Python; triggers refuse whatever goes around that. They are made
anew after each `migrate`, because SQLite alters a table by copying it into another, which has
none. A migration that has to change such rows drops them before that:
`RunPython(lambda apps, editor: triggers.drop(editor.connection))`.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core import checks
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from catalog.immutable import Immutable, refusal

Tables = dict[str, type[models.Model]]


def make(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers of every immutable table that is there."""
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        for table, model in _tables(connection).items():
            for statement in _WAYS[connection.vendor](connection, table, model):
                cursor.execute(statement)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away."""
    name = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in _tables(connection):
            of = f" ON {name(table)}" if connection.vendor == "postgresql" else ""
            for trigger in _names(table):
                cursor.execute(f"DROP TRIGGER IF EXISTS {name(trigger)}{of}")


def unguarded(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the immutable tables that lack a trigger."""
    with connection.cursor() as cursor:
        cursor.execute(_THERE[connection.vendor])
        there = {trigger for (trigger,) in cursor.fetchall()}
    return [table for table in _tables(connection) if not there.issuperset(_names(table))]


@checks.register(checks.Tags.database)
def check(databases: list[str] | None, **options: object) -> list[checks.CheckMessage]:
    """Warn of tables that were altered without `migrate`. No error: `migrate` checks first."""
    return [
        checks.Warning(
            f"The table {table} of {alias!r} does not refuse changes, as it should.",
            hint="Run `manage.py migrate`, which makes its triggers.",
            id="catalog.W001",
        )
        for alias in databases or ()
        for table in unguarded(connections[alias])
    ]


def _tables(connection: BaseDatabaseWrapper) -> Tables:
    """Immutable tables that are there: not all are before the first migration or after the last."""
    there = connection.introspection.table_names()
    kept = (model for model in apps.get_models() if issubclass(model, Immutable))
    return {model._meta.db_table: model for model in kept if model._meta.db_table in there}


def _names(table: str) -> tuple[str, str, str]:
    """The names of a table's triggers: on change, on deletion, and on writing over all of it."""
    return f"{table}_kept_on_update", f"{table}_kept_on_delete", f"{table}_kept_on_replace"


def _on_sqlite(
    connection: BaseDatabaseWrapper, table: str, model: type[models.Model]
) -> Iterator[str]:
    """INSERT OR REPLACE deletes without telling a trigger on DELETE: so one looks before it."""
    name = connection.ops.quote_name
    twins = " OR ".join(
        " AND ".join(f"{name(column)} = NEW.{name(column)}" for column in columns)
        for columns in _unique(model)
    )
    events = (
        ("UPDATE", "changed; add a new one instead", ""),
        ("DELETE", "deleted", ""),
        (
            "INSERT",
            "written over; add a new one instead",
            f"WHEN EXISTS (SELECT 1 FROM {name(table)} WHERE {twins}) ",  # noqa: S608 - our names
        ),
    )
    for trigger, (event, refused, condition) in zip(_names(table), events, strict=True):
        yield f"DROP TRIGGER IF EXISTS {name(trigger)}"
        yield (
            f"CREATE TRIGGER {name(trigger)} BEFORE {event} ON {name(table)} {condition}"
            f"BEGIN SELECT RAISE(ABORT, {_quoted(refusal(model, refused))}); END"
        )


def _unique(model: type[models.Model]) -> Iterator[list[str]]:
    """The columns that no two rows may share."""
    fields = model._meta.get_field
    yield from ([field.column] for field in model._meta.local_fields if field.unique)
    for constraint in model._meta.total_unique_constraints:
        yield [fields(name).column for name in constraint.fields]
    for names in model._meta.unique_together:
        yield [fields(name).column for name in names]


def _on_postgresql(
    connection: BaseDatabaseWrapper, table: str, model: type[models.Model]
) -> Iterator[str]:
    name = connection.ops.quote_name
    yield (
        "CREATE OR REPLACE FUNCTION catalog_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation'; "
        "END $$"
    )
    events = (
        ("UPDATE", "changed; add a new one instead", "ROW"),
        ("DELETE", "deleted", "ROW"),
        ("TRUNCATE", "deleted", "STATEMENT"),
    )
    for trigger, (event, refused, each) in zip(_names(table), events, strict=True):
        yield (
            f"CREATE OR REPLACE TRIGGER {name(trigger)} BEFORE {event} ON {name(table)} "
            f"FOR EACH {each} EXECUTE FUNCTION catalog_refuse({_quoted(refusal(model, refused))})"
        )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_WAYS: dict[str, Any] = {"sqlite": _on_sqlite, "postgresql": _on_postgresql}
_THERE = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'",
}
