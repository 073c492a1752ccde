"""Every string that a person reads goes through gettext, and each has its German."""

import shutil
from pathlib import Path

import polib
import pytest
from django.apps import apps
from django.utils import translation

from advisor import offers
from advisor import playbook as documents
from advisor.lines import words_for
from advisor.texts import Part
from catalog.implied import NAMES, implied_names
from tests.scenarios import ROOT
from tests.untranslated import in_python, in_template, python_files
from tests.words import collect, compiled, faults_of, languages, po_of, tidy

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

SAME_IN_EVERY_LANGUAGE = {
    "Engagement Advisor",  # the product's name
    "· Engagement Advisor",
    "(PDF)",
    "rtl,ltr",
    "manage.py advise .toml",  # a command
    # Names of classes and addresses, which HTML cannot tell from words.
    "app-catalog model-draft",
    "blank",
    "inlinechangelink,inlineviewlink",
    "review",
}

NOT_FOR_READERS = {
    "advisor/rules": "what a programmer did wrong",
    "catalog/immutable.py": "what the database refuses, too, and knows no languages",
    "engagements/assessing.py": "what a programmer did wrong",
    "engagements/demo.py": "told by a command",
    "engagements/press.py": "told in the process that prints, which knows no settings",
    "engagements/stories.py": "told by a command",
    "engagements/wording.py": "what a programmer did wrong",
}


# ---- What is there ---------------------------------------------------------------------------


@pytest.mark.parametrize("language", languages())
def test_it_works(language: str, tmp_path: Path) -> None:
    """Nothing is missing, guessed, left over, or has placeholders of its own."""
    shutil.copytree(po_of(language).parents[1], tmp_path / language)
    assert list(faults_of(collect(language, tmp_path))) == []


@pytest.mark.parametrize("language", languages())
def test_what_the_product_reads_is_what_people_wrote(language: str) -> None:
    path = po_of(language)
    po = polib.pofile(path, wrapwidth=0)
    assert path.with_suffix(".mo").read_bytes() == compiled(po)
    assert str(tidy(polib.pofile(path, wrapwidth=0), language)) == str(po)


def test_a_fault_is_found(tmp_path: Path) -> None:
    po = polib.POFile()
    po.append(polib.POEntry(msgid="Open", msgstr=""))
    po.append(polib.POEntry(msgid="{count} left", msgstr="noch {zahl}"))
    po.append(polib.POEntry(msgid="<b>%(name)s</b>", msgstr="%(name)s"))
    po.append(polib.POEntry(msgid="Guess", msgstr="Rat", flags=["fuzzy"]))
    po.append(polib.POEntry(msgid="Gone", msgstr="Weg", obsolete=True))
    kinds = [fault.partition(":")[0].partition(" '")[0] for fault in faults_of(po)]
    assert kinds == [
        "nobody says any more",
        "is missing",
        "has other placeholders",
        "has other placeholders",
        "is only guessed",
    ]


# ---- What is said past it --------------------------------------------------------------------


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_says_nothing_outside_of_translate_tags(path: Path) -> None:
    assert [
        text for text in in_template(path.read_text()) if text not in SAME_IN_EVERY_LANGUAGE
    ] == []


def test_no_module_says_anything_past_gettext() -> None:
    told = {}
    for path in python_files(ROOT):
        name = str(path.relative_to(ROOT))
        if not name.startswith(tuple(NOT_FOR_READERS)) and (
            found := [*in_python(path.read_text())]
        ):
            told[name] = found
    assert told == {}


@pytest.mark.parametrize("name", NOT_FOR_READERS)
def test_an_exception_is_still_one(name: str) -> None:
    paths = [ROOT / name] if name.endswith(".py") else sorted((ROOT / name).rglob("*.py"))
    assert any(list(in_python(path.read_text())) for path in paths)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ('<p>{% translate "Hello" %}</p>', []),
        ("<p>{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}</p>", []),
        ('<a aria-label="Menu">{{ text }}</a>', ["Menu"]),
        ('<input placeholder="{% translate "Name" %}">', []),
        ('<input type="hidden" value="yes">', []),
        ('<td data-label="Price">1</td>', ["Price"]),
        ('{{ name|default:"Nobody" }}', ["Nobody"]),
        ('{{ name|default:_("Nobody") }}', []),
        ('{{ steps|join:", then " }}', [", then "]),
        ("{# Hello #}<script>const hello = 1;</script>", []),
    ],
)
def test_words_in_a_template_are_found(source: str, found: list[str]) -> None:
    assert list(in_template(source)) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('label = "Name"', ["Name"]),
        ('label = _("Name")', []),
        ('x = models.CharField("your name", blank=True)', ["your name"]),
        ('x = LineField(help_text="Write it.")', ["Write it."]),
        ('x = Field(error_messages={"required": "Fill it in."})', ["Fill it in."]),
        ('raise ValidationError("Not so.")', ["Not so."]),
        ('raise ReviewError(f"{name} was faster.")', ["f'{name} was faster.'"]),
        ('messages.success(request, "It is saved.")', ["It is saved."]),
        ('logger.warning("It is not saved.")', []),
        ('class State(TextChoices):\n    OPEN = "open", "Open"', ["Open"]),
        ('@admin.display(description="state")\ndef f(): ...', ["state"]),
        ('form.add_error("name", _("Not so."))', []),
        ('context = {"title": "Your page"}', ["Your page"]),
    ],
)
def test_words_in_a_module_are_found(source: str, found: list[str]) -> None:
    assert list(in_python(source)) == found


# ---- Names that nobody wrote -------------------------------------------------------------------


def test_the_names_that_django_reads_off_are_those_that_are_translated() -> None:
    with translation.override("en"):
        there = {
            str(getattr(named, attribute))
            for app in ("catalog", "engagements")
            for named, attribute in implied_names(apps.get_app_config(app))
        }
    assert there - NAMES == set()


def fields_of_documents() -> set[str]:
    """The names of all fields that a playbook has anywhere."""
    parts = [
        kind
        for module in (documents, offers)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Part) and kind is not Part
    ]
    return {field for kind in parts for field in kind.model_fields}


def test_the_fields_of_a_playbook_have_names_in_german() -> None:
    with translation.override("de"):
        told = {field: words_for(field) for field in sorted(fields_of_documents())}
    assert {field for field, words in told.items() if words == field.replace("_", " ")} == set()
