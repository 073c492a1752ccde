"""Drafts: a playbook goes into rows and comes out as it was, and rows stay the same rows."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given

from advisor.loading import PlaybookError, dump, from_document, load, to_document
from advisor.playbook import Playbook as Document
from catalog.drafts import document_of, playbook_of, problems_of, write_draft
from catalog.models import (
    Cadence,
    Chapter,
    Checklist,
    Draft,
    EngagementModel,
    Faq,
    Option,
    Playbook,
    Question,
    Section,
    Severity,
    Signal,
)
from catalog.publishing import publish
from catalog.rows import OF_DRAFTS, OF_ENGAGEMENTS, OF_SERVICE_LEVELS
from tests.buyers import PLAYBOOK
from tests.factories import (
    changed,
    engagement,
    guide,
    need,
    question,
    saying_everything,
    small_document,
    small_playbook,
)
from tests.generated import holds, whole_playbooks
from tests.scenarios import ROOT, rulebook_of

OFFER_ROWS = [
    table for kinds in (OF_DRAFTS, OF_ENGAGEMENTS, OF_SERVICE_LEVELS) for table, _ in kinds.values()
]
GIVEN = {Cadence: {"when": "Start"}}
"""What the small playbook says of its own."""

FILES = sorted((ROOT / "fixtures" / "playbooks").glob("*.toml"))


@contextmanager
def undone() -> Iterator[None]:
    """Leave the database as it was, for the next example."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_works(path: object) -> None:
    playbook = load(path.read_text())

    draft = write_draft(playbook)

    assert playbook_of(draft) == playbook
    assert document_of(draft) == to_document(playbook)
    assert problems_of(draft) == []


@holds(150)
@given(whole_playbooks())
def test_a_playbook_comes_out_of_its_file_as_it_went_in(playbook: Document) -> None:
    assert load(dump(playbook)) == playbook


@pytest.mark.django_db
@holds(30)
@given(whole_playbooks(), whole_playbooks())
def test_a_playbook_comes_out_of_its_draft_as_it_went_in(first: Document, second: Document) -> None:
    with undone():
        draft = write_draft(first)
        written = document_of(draft)
        assert written == to_document(first)
        assert from_document(written) == first

        again = write_draft(second)
        assert again == draft
        written = document_of(Draft.objects.get())
        assert written == to_document(second)
        assert from_document(written) == second


# ---- The same rows ------------------------------------------------------------------------


@pytest.mark.django_db
def test_rows_of_the_same_key_stay_the_same_rows() -> None:
    draft = write_draft(small_playbook())
    before = {row.key: row.pk for row in Signal.objects.all()}
    options = set(Option.objects.values_list("pk", flat=True))

    write_draft(from_document(changed({"signals[work-to-do].because": "Another reason."})))

    assert {row.key: row.pk for row in Signal.objects.all()} == before
    assert set(Option.objects.values_list("pk", flat=True)) == options
    assert Draft.objects.get() == draft


@pytest.mark.django_db
def test_only_what_changed_counts_as_edited() -> None:
    ada = User.objects.create(username="ada")
    write_draft(small_playbook())

    write_draft(
        from_document(
            changed(
                {
                    "signals[work-to-do].when[1].any_of": ["build"],
                    "questions[money].title": "Which money?",
                }
            )
        ),
        by=ada,
    )

    edited = [*Signal.objects.filter(revision=1), *Question.objects.filter(revision=1)]
    assert [row.key for row in edited] == ["work-to-do", "money"]
    assert {row.edited_by for row in edited} == {ada}
    assert not EngagementModel.objects.exclude(revision=0, edited_by=None).exists()
    assert (Draft.objects.get().revision, Draft.objects.get().edited_by) == (0, ada)


@pytest.mark.django_db
def test_the_opening_parts_count_as_the_page_of_the_draft() -> None:
    write_draft(small_playbook())
    write_draft(small_playbook(minutes=3))
    assert Draft.objects.get().revision == 1


@pytest.mark.django_db
def test_what_the_new_playbook_does_not_have_goes() -> None:
    write_draft(
        small_playbook(
            needs=[need("evidence", "decide"), need("outcome", "deliver"), need("more", "run")],
            engagements=[
                *small_document()["engagements"],
                engagement("keeper", 4, "run", ["more"]),
            ],
            questions=[*small_document()["questions"], question("extra", ["yes", "no"])],
            guides=[guide("table", ["keeper"])],
            entry="keeper",
        )
    )

    draft = write_draft(small_playbook())

    assert playbook_of(draft) == small_playbook()
    assert not EngagementModel.objects.filter(key="keeper").exists()
    assert not Question.objects.filter(key="extra").exists()


@pytest.mark.django_db
def test_each_playbook_has_a_draft_of_its_own() -> None:
    small, other = write_draft(small_playbook()), write_draft(small_playbook(key="other"))

    write_draft(small_playbook(minutes=9))

    assert playbook_of(Draft.objects.get(pk=other.pk)) == small_playbook(key="other")
    assert Signal.objects.filter(draft=small).count() == 3


@pytest.mark.django_db
def test_a_draft_knows_the_version_that_it_was_set_to() -> None:
    version, _ = publish(small_playbook())
    assert write_draft(small_playbook(), version=version).based_on == version
    assert write_draft(small_playbook(minutes=3)).based_on is None


@pytest.mark.django_db
def test_publishing_leaves_the_draft_alone() -> None:
    draft = write_draft(small_playbook(minutes=9))
    publish(small_playbook())
    assert playbook_of(Draft.objects.get(pk=draft.pk)).minutes == 9


@pytest.mark.django_db
def test_nothing_is_written_when_something_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = write_draft(small_playbook())
    monkeypatch.delattr("catalog.rows.Parts.write_tables")

    with pytest.raises(AttributeError):
        write_draft(small_playbook(minutes=9, title="Other"))

    assert playbook_of(Draft.objects.get(pk=draft.pk)) == small_playbook()


@pytest.mark.django_db
def test_what_is_said_of_offers_goes_with_its_rows() -> None:
    draft = write_draft(saying_everything(small_playbook()))
    kept = {row.key: row.pk for row in draft.faq_set.all()}
    phase = draft.process.get()

    write_draft(saying_everything(small_playbook(minutes=3)))
    assert {row.key: row.pk for row in draft.faq_set.all()} == kept
    assert draft.process.get() == phase

    assert playbook_of(write_draft(small_playbook())) == small_playbook()
    for table in (*OFFER_ROWS, Faq, Checklist, Chapter):
        assert not table.objects.exclude(**GIVEN.get(table, {})).exists()


# ---- Drafts that do not hold together -----------------------------------------------------


@pytest.mark.django_db
def test_every_problem_is_told_at_once() -> None:
    draft = write_draft(small_playbook())
    Signal.objects.get(key="work-to-do").conditions.all().delete()
    EngagementModel.objects.get(key="project").carries.clear()
    draft.entry = None
    draft.save()

    assert [str(problem) for problem in problems_of(draft)] == [
        "engagements[project].carries: is an empty list; name at least one.",
        "signals[work-to-do].when: is an empty list; name at least one.",
        "entry: is missing; add it.",
    ]
    with pytest.raises(PlaybookError, match="The draft of Small playbook: 3 problems"):
        playbook_of(draft)


@pytest.mark.django_db
def test_an_empty_draft_can_be_read() -> None:
    draft = Draft.objects.create(
        playbook=Playbook.objects.create(key="new", title="New"), title="New", minutes=1
    )
    places = {problem.where for problem in problems_of(draft)}
    assert {"summary", "promise", "firm.name"} <= places


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (
            {"price_unit": "a day"},
            ["engagements[audit].price.currency", "engagements[audit].price.least"],
        ),
        ({"price_currency": "EUR", "price_least": 0, "price_unit": "a day"}, []),
        (
            {"price_least": 1},
            ["engagements[audit].price.currency", "engagements[audit].price.unit"],
        ),
    ],
    ids=["only a unit", "nothing to pay", "only a sum"],
)
def test_a_price_is_whole_or_not_there(columns: dict[str, object], told: list[str]) -> None:
    draft = write_draft(small_playbook())
    EngagementModel.objects.filter(key="audit").update(**columns)
    assert [problem.where for problem in problems_of(draft)] == told


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"level_coverage": "Always"}, []),
        ({"level_uptime": "99.5"}, ["engagements[audit].service_level.coverage"]),
        ({"level_channels": ["Telephone"]}, ["engagements[audit].service_level.coverage"]),
        (
            {"level_coverage": "Always", "level_uptime": "a lot"},
            ["engagements[audit].service_level.uptime"],
        ),
        ({"follow_on_playbook": "afterwards"}, ["engagements[audit].follow_on.when"]),
        ({"follow_on_when": "it runs"}, ["engagements[audit].follow_on.playbook"]),
    ],
    ids=["hours", "only a target", "only a way", "no number", "no time", "no playbook"],
)
def test_a_service_level_and_a_follow_on_are_whole_or_not_there(
    columns: dict[str, object], told: list[str]
) -> None:
    draft = write_draft(small_playbook())
    EngagementModel.objects.filter(key="audit").update(**columns)
    assert [problem.where for problem in problems_of(draft)] == told


@pytest.mark.django_db
def test_a_severity_without_a_service_level_is_told() -> None:
    draft = write_draft(small_playbook())
    audit = EngagementModel.objects.get(key="audit")
    Severity.objects.create(engagement=audit, title="High", meaning="Down", response="at once")
    [problem] = problems_of(draft)
    assert problem.where == "engagements[audit].service_level.coverage"


@pytest.mark.django_db
def test_a_broken_draft_can_be_written_over() -> None:
    write_draft(small_playbook())
    Section.objects.create(draft=Draft.objects.get(), key="loose", title="Loose", stage="decide")
    Option.objects.filter(question__key="cause").delete()
    assert playbook_of(write_draft(small_playbook())) == small_playbook()


# ---- How often the database is asked ------------------------------------------------------


@pytest.mark.django_db
def test_reading_asks_the_same_number_of_times_for_few_and_many_rows() -> None:
    small = write_draft(saying_everything(small_playbook(guides=[guide("table", ["audit"])])))
    large = write_draft(saying_everything(rulebook_of(PLAYBOOK).playbook))

    def asked(draft: Draft) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            document_of(Draft.objects.select_related("playbook", "entry").get(pk=draft.pk))
        return len(queries)

    assert Signal.objects.filter(draft=large).count() > 20
    assert asked(small) <= asked(large) <= 53


# ---- Playbook files -----------------------------------------------------------------------


@pytest.mark.django_db
def test_loading_files_makes_a_draft_where_there_is_none() -> None:
    call_command("loadplaybooks", verbosity=0)
    draft = Draft.objects.get(playbook__key=PLAYBOOK)
    assert playbook_of(draft) == rulebook_of(PLAYBOOK).playbook
    assert draft.based_on == draft.playbook.live

    Draft.objects.update(minutes=9)
    call_command("loadplaybooks", verbosity=0)
    assert set(Draft.objects.values_list("minutes", flat=True)) == {9}
