"""The groups of those who work with the product, as the migrations leave them."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from catalog.models import draft
from engagements.groups import EDITORS, PARTS, RIGHTS, SALES, give_rights
from tests.staff import consultant, editor, seller

pytestmark = pytest.mark.django_db


def rights_of(name: str) -> set[str]:
    """The rights that a group has in the database."""
    permissions = Group.objects.get(name=name).permissions.select_related("content_type")
    return {f"{one.content_type.app_label}.{one.codename}" for one in permissions}


def test_it_works() -> None:
    assert {name: rights_of(name) for name in RIGHTS} == RIGHTS
    assert set(Group.objects.values_list("name", flat=True)) == set(RIGHTS)


@pytest.mark.parametrize("name", RIGHTS)
def test_every_right_exists(name: str) -> None:
    there = {
        f"{one.content_type.app_label}.{one.codename}"
        for one in Permission.objects.select_related("content_type")
    }
    assert RIGHTS[name] <= there


def test_editors_may_edit_each_part_of_a_draft_and_nothing_else() -> None:
    edited = {
        model._meta.model_name
        for model in apps.get_app_config("catalog").get_models()
        if issubclass(model, draft.Part)
    }
    assert set(PARTS) == edited
    assert {right.partition(".")[0] for right in RIGHTS[EDITORS]} == {"catalog"}
    assert not {"catalog.delete_draft", "catalog.change_playbookversion"} & RIGHTS[EDITORS]


def test_no_group_may_delete_history_or_make_accounts() -> None:
    for rights in RIGHTS.values():
        assert not {r for r in rights if r.startswith(("engagements.delete", "engagements.add"))}
        assert not {right for right in rights if right.startswith(("auth.", "admin."))}


def test_sales_see_the_desk_and_nothing_else() -> None:
    assert seller().get_all_permissions() == {"engagements.use_desk"} == RIGHTS[SALES]


def test_who_works_in_the_admin_is_staff() -> None:
    assert [one.is_staff for one in (consultant(), editor(), seller())] == [True, True, False]
    assert not any(one.is_superuser for one in (consultant("a"), editor("b"), seller("c")))


def test_given_again_rights_are_what_the_table_says() -> None:
    sales = Group.objects.get(name=SALES)
    sales.permissions.set(Permission.objects.filter(codename="change_assessment"))
    Group.objects.get(name=EDITORS).delete()
    give_rights(apps)
    assert {name: rights_of(name) for name in RIGHTS} == RIGHTS
    assert Group.objects.get(name=SALES) == sales


def test_a_migration_makes_them_before_django_has_made_the_permissions() -> None:
    Permission.objects.all().delete()
    Group.objects.all().delete()
    state = MigrationLoader(connection).project_state(("engagements", "0006_rights_on_handover"))
    give_rights(state.apps)
    assert {name: rights_of(name) for name in RIGHTS} == RIGHTS
