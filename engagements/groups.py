"""Who may what: the three groups of people who work with the product, each with its rights.

Buyers need no account. A superuser makes accounts; nobody else needs to be one. Consultants and
catalog editors work in the admin and are therefore staff; sales is not.
"""

from typing import Any

from django.contrib.auth.management import create_permissions

CONSULTANTS, SALES, EDITORS = "consultants", "sales", "catalog editors"

# What has a page of its own in a draft; what is edited on such a page goes with its right.
PARTS = (
    *("need", "engagementmodel", "section", "question", "signal", "guide", "servicepath"),
    *("faq", "checklist", "chapter"),
)
HISTORY = ("assessment", "answer", "recommendation", "review", "note", "briefversion")
PUBLISHED = ("catalog.view_playbook", "catalog.view_playbookversion")

RIGHTS: dict[str, frozenset[str]] = {
    CONSULTANTS: frozenset(
        {
            *(f"engagements.view_{kind}" for kind in HISTORY),
            "engagements.review_assessment",
            *PUBLISHED,
        }
    ),
    SALES: frozenset({"engagements.use_desk"}),
    EDITORS: frozenset(
        {
            *(
                f"catalog.{verb}_{kind}"
                for verb in ("view", "add", "change", "delete")
                for kind in PARTS
            ),
            *(f"catalog.{verb}_draft" for verb in ("view", "add", "change", "publish")),
            *PUBLISHED,
        }
    ),
}


def give_rights(apps: Any, using: str = "default") -> None:
    """Make the groups that are missing, and give each exactly its rights.

    For a migration: after a change of the table above add one that calls this again. Django
    makes permissions only after the last migration, so they are made here.
    """
    for label in ("catalog", "engagements"):
        config = apps.get_app_config(label)
        if not hasattr(config, "models_module"):
            config.models_module = True  # that of a past state, which has models all the same
        create_permissions(config, verbosity=0, using=using, apps=apps)
    Group, Permission = (apps.get_model("auth", name) for name in ("Group", "Permission"))  # noqa: N806
    permissions = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.using(using)
        .filter(content_type__app_label__in=("catalog", "engagements"))
        .select_related("content_type")
    }
    for name, rights in RIGHTS.items():
        group, _made = Group.objects.using(using).get_or_create(name=name)
        # A model that comes with a later migration has no permissions yet: that one calls again.
        group.permissions.set(permissions[right] for right in sorted(rights & set(permissions)))
