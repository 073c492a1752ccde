"""What differs between two versions of a playbook, in words that their owner knows."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.changes import Change, Detail, How, changes_between, words_apart
from advisor.loading import from_document, to_document
from advisor.playbook import Playbook
from advisor.sentences import signal_sentence
from tests.factories import (
    REMOVED,
    Document,
    acknowledgement,
    changed,
    emergency,
    guide,
    need,
    prerequisite,
    put,
    question,
    said_of_a_playbook,
    service_path,
    signal,
    small_document,
)
from tests.generated import holds, whole_playbooks

LISTS = (
    *("engagements", "signals", "questions", "sections", "needs", "guides", "service_paths"),
    *("faqs", "checklists", "chapters"),
)
HEADER = set(Playbook.model_fields) - set(LISTS)


def large_document() -> Document:
    """The small playbook with one of everything."""
    return small_document(
        emergency=emergency(),
        guides=[guide("first", ["audit", "project"])],
        service_paths=[service_path("move", "project", {"work": ["move"]})],
        **said_of_a_playbook(),
    )


def changes(places: dict[str, object], document: Document | None = None) -> list[Change]:
    """What is told when these places of the large document have other values."""
    before = document or large_document()
    after = from_document(before)
    for place, value in places.items():
        put(before, place, value)
    return changes_between(after, from_document(before))


def only(places: dict[str, object]) -> Change:
    """The one change that is told."""
    [change] = changes(places)
    return change


def test_it_works() -> None:
    price = {"currency": "EUR", "least": 4800, "most": 12000, "unit": "per audit"}
    told = changes(
        {
            "engagements[audit].price": price,
            "signals[cause-unknown].when[1].any_of": ["unknown"],
            "questions[work].hint": "Tick all.",
        }
    )

    assert told == [
        Change(
            "engagement model",
            "engagements[audit]",
            "Engagement audit",
            How.CHANGED,
            (Detail("price", now=("EUR 4,800 to 12,000 per audit",)),),
        ),
        Change(
            "buying signal",
            "signals[cause-unknown]",
            "Signal cause-unknown",
            How.CHANGED,
            (
                Detail(
                    "condition",
                    ("“Question cause?” is answered “Option unknown” or “Option not-sure”",),
                    ("“Question cause?” is answered “Option unknown”",),
                ),
            ),
        ),
        Change(
            "question",
            "questions[work]",
            "Question work?",
            How.CHANGED,
            (Detail("hint", now=("Tick all.",)),),
        ),
    ]


@pytest.mark.parametrize(
    ("places", "where", "details"),
    [
        pytest.param(
            {"title": "Other"},
            "playbook",
            [Detail("title", ("Small playbook",), ("Other",))],
            id="title of the playbook",
        ),
        pytest.param(
            {"entry": "project"},
            "playbook",
            [Detail("entry engagement", ("Engagement audit",), ("Engagement project",))],
            id="entry",
        ),
        pytest.param(
            {"firm.phone": "112", "emergency.have_ready[2]": "A key"},
            "playbook",
            [
                Detail("firm phone", ("+49 30 5550 0000",), ("112",)),
                Detail("emergency have ready", now=("A key",)),
            ],
            id="firm and emergency",
        ),
        pytest.param(
            {"engagements[audit].deliverables": ["A plan", "A report"]},
            "engagements[audit]",
            [Detail("deliverables", now=("A plan",))],
            id="a line more",
        ),
        pytest.param(
            {"engagements[audit].boundaries[1]": "No work"},
            "engagements[audit]",
            [Detail("boundaries", ("Not more",), ("No work",))],
            id="another line",
        ),
        pytest.param(
            {"engagements[audit].carries": ["evidence", "outcome"]},
            "engagements[audit]",
            [Detail("carries", now=("Need outcome",))],
            id="carries more",
        ),
        pytest.param(
            {"engagements[audit].cadence[1].what": "A call"},
            "engagements[audit]",
            [Detail("cadence", ("Start: A talk",), ("Start: A call",))],
            id="cadence",
        ),
        pytest.param(
            {"engagements[audit].prerequisites": [prerequisite("time", "work", met=["move"])]},
            "engagements[audit]",
            [
                Detail(
                    "prerequisite added",
                    now=(
                        (
                            "Prerequisite time (A lead): in place when "
                            "“Question work?” is answered “Option move”"
                        ),
                    ),
                )
            ],
            id="prerequisite added",
        ),
        pytest.param(
            {"engagements[retainer].prerequisites[budget].met": ["monthly", "one-off"]},
            "engagements[retainer]",
            [Detail("prerequisite “Prerequisite budget”: met", now=("Option one-off",))],
            id="prerequisite met otherwise",
        ),
        pytest.param(
            {"signals[work-to-do].demands[1].weight": 5},
            "signals[work-to-do]",
            [Detail("must carry", ("Need outcome (weight 3)",), ("Need outcome (weight 5)",))],
            id="weight",
        ),
        pytest.param(
            {"signals[work-to-do].rules_out": ["audit"]},
            "signals[work-to-do]",
            [Detail("rules out", now=("Engagement audit",))],
            id="ruled out",
        ),
        pytest.param(
            {"questions[cause].options[4]": {"key": "both", "label": "Both", "hint": "Half"}},
            "questions[cause]",
            [Detail("option added", now=("Both (Half)",))],
            id="option added",
        ),
        pytest.param(
            {"questions[money].options[monthly].label": "Monthly"},
            "questions[money]",
            [Detail("option “Monthly”: label", ("Option monthly",), ("Monthly",))],
            id="label of an option",
        ),
        pytest.param(
            {"questions[money].ask_when": REMOVED},
            "questions[money]",
            [
                Detail(
                    "asked when",
                    ("“Question work?” is answered “Option build” or “Option move”",),
                )
            ],
            id="asked of everybody",
        ),
        pytest.param(
            {"questions[cause].changeable": False},
            "questions[cause]",
            [Detail("could be answered differently", ("yes",), ("no",))],
            id="a fact",
        ),
        pytest.param(
            {"sections[situation].intro": "Now."},
            "sections[situation]",
            [Detail("intro", now=("Now.",))],
            id="section",
        ),
        pytest.param(
            {"needs[outcome].phase": "run"},
            "needs[outcome]",
            [Detail("phase", ("deliver",), ("run",))],
            id="need",
        ),
        pytest.param(
            {"guides[first].rows[row].start_with": ["project"]},
            "guides[first]",
            [Detail("row “If.”: start with", was=("Engagement audit",))],
            id="row of a guide",
        ),
        pytest.param(
            {"service_paths[move].engagement": "retainer"},
            "service_paths[move]",
            [Detail("engagement", ("Engagement project",), ("Engagement retainer",))],
            id="service path",
        ),
        pytest.param(
            {"decision": "Who runs it?", "process[1].when": "Week 2"},
            "playbook",
            [
                Detail("decision", ("Who looks after it?",), ("Who runs it?",)),
                Detail(
                    "phases",
                    ("Discovery; Week 1; We begin.; A talk; A plan",),
                    ("Discovery; Week 2; We begin.; A talk; A plan",),
                ),
            ],
            id="decision and phases",
        ),
        pytest.param(
            {"expectations[1].text": "Within an hour."},
            "playbook",
            [Detail("expectations", ("Answers: Within a day.",), ("Answers: Within an hour.",))],
            id="expectation",
        ),
        pytest.param(
            {"faqs[price].engagements": [], "faqs[price].answer": "Ask."},
            "faqs[price]",
            [
                Detail("answer", ("It does.",), ("Ask.",)),
                Detail("only for", was=("Engagement retainer",)),
            ],
            id="frequent question",
        ),
        pytest.param(
            {"checklists[setup].groups[before].items[3]": "A key"},
            "checklists[setup]",
            [Detail("group “Group before”: items", now=("A key",))],
            id="item of a checklist",
        ),
        pytest.param(
            {"checklists[setup].groups[after]": REMOVED},
            "checklists[setup]",
            [Detail("group removed", was=("Group after: Item after 1; Item after 2",))],
            id="group of a checklist",
        ),
        pytest.param(
            {"chapters[contacts].facts[1].question": "work", "chapters[contacts].issues": REMOVED},
            "chapters[contacts]",
            [
                Detail(
                    "facts",
                    ("Fact contacts: the answer to “Question money?”",),
                    ("Fact contacts: the answer to “Question work?”",),
                ),
                Detail("known issues", was=("It is slow; Load; Wait; an hour",)),
            ],
            id="chapter of the manual",
        ),
    ],
)
def test_a_change_is_told_in_titles_and_labels(
    places: dict[str, object], where: str, details: list[Detail]
) -> None:
    change = only(places)

    assert (change.where, change.how) == (where, How.CHANGED)
    assert list(change.details) == details


def test_a_new_part_tells_all_that_it_says() -> None:
    change = only(
        {"signals[4]": signal("new", {"cause": ["known"]}, {"outcome": 2}, rules_out=["audit"])}
    )

    assert (change.how, change.title) == (How.ADDED, "Signal new")
    assert all(detail.was == () for detail in change.details)
    said = {detail.what: detail.now for detail in change.details}
    assert said == {
        "title": ("Signal new",),
        "voice": ("What a buyer says.",),
        "condition": ("“Question cause?” is answered “Option known”",),
        "must carry": ("Need outcome (weight 2)",),
        "rules out": ("Engagement audit",),
        "because": ("The reason.",),
    }


def test_a_part_that_went_is_told_with_its_old_title() -> None:
    change = only({"signals[no-monthly-money]": REMOVED})

    assert (change.how, change.where) == (How.REMOVED, "signals[no-monthly-money]")
    assert change.title == "Signal no-monthly-money"
    assert all(detail.now == () for detail in change.details)


def test_without_an_older_version_everything_is_new() -> None:
    playbook = from_document(large_document())

    told = changes_between(None, playbook)

    assert {change.how for change in told} == {How.ADDED}
    assert {change.where for change in told} == {
        "playbook",
        *(f"{name}[{part.key}]" for name in LISTS for part in getattr(playbook, name)),
    }


def test_words_of_the_older_playbook_tell_what_was() -> None:
    told = changes(
        {
            "questions[cause].title": "Why?",
            "questions[cause].options[unknown].label": "No idea",
            "signals[cause-unknown].when[1].any_of": ["unknown"],
        }
    )

    assert [change.where for change in told] == ["signals[cause-unknown]", "questions[cause]"]
    assert told[0].details == (
        Detail(
            "condition",
            ("“Question cause?” is answered “Option unknown” or “Option not-sure”",),
            ("“Why?” is answered “No idea”",),
        ),
    )


# ---- What merely follows ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "where"),
    [
        ("needs[evidence].title", "needs[evidence]"),
        ("engagements[retainer].title", "engagements[retainer]"),
        ("questions[work].title", "questions[work]"),
        ("questions[work].options[move].label", "questions[work]"),
        ("sections[situation].title", "sections[situation]"),
    ],
)
def test_what_names_a_part_does_not_change_with_its_title(place: str, where: str) -> None:
    assert [change.where for change in changes({place: "Another title"})] == [where]


def renamed(document: Document, kind: str, key: str, to: str) -> Document:
    """The document with another key for a part, wherever it is named."""
    names = {
        "needs": ("carries", "need"),
        "engagements": ("entry", "rules_out", "start_with", "engagement", "engagements", "about"),
        "signals": ("about",),
        "questions": ("question",),
        "sections": ("section",),
    }.get(kind, ())

    def walk(here: Any, name: str = "") -> Any:
        if isinstance(here, dict):
            return {n: walk(value, n) for n, value in here.items()}
        if isinstance(here, list):
            return [walk(item, name) for item in here]
        if kind == "questions" and name == "about" and here.startswith(f"{key}."):
            return f"{to}{here.removeprefix(key)}"
        return to if name in names and here == key else here

    return put(walk(document), f"{kind}[{key}].key", to)


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("needs", "evidence"),
        ("engagements", "audit"),
        ("questions", "work"),
        ("sections", "situation"),
        ("signals", "work-to-do"),
        ("guides", "first"),
        ("service_paths", "move"),
        ("faqs", "price"),
        ("checklists", "setup"),
        ("chapters", "contacts"),
    ],
)
def test_a_renamed_key_is_told_once_and_as_such(kind: str, key: str) -> None:
    old, new = large_document(), renamed(large_document(), kind, key, "renamed")

    [change] = changes_between(from_document(old), from_document(new))

    assert (change.where, change.how) == (f"{kind}[renamed]", How.RENAMED)
    assert change.details == (Detail("key", (key,), ("renamed",)),)


def test_a_renamed_option_is_told_once() -> None:
    change = only(
        {
            "questions[cause].options[unknown].key": "no-idea",
            "signals[cause-unknown].when[1].any_of": ["no-idea", "not-sure"],
        }
    )

    assert change.where == "questions[cause]"
    assert change.details == (Detail("option “Option unknown”: key", ("unknown",), ("no-idea",)),)


def test_a_part_that_is_renamed_and_changed_tells_both() -> None:
    change = only({"signals[work-to-do].key": "work", "signals[work].because": "Work is work."})

    assert change.how is How.CHANGED
    assert [detail.what for detail in change.details] == ["key", "because"]


# ---- Order --------------------------------------------------------------------------------


def test_a_part_that_was_moved_is_told_alone() -> None:
    first, second, third = large_document()["signals"]

    change = only({"signals": [third, first, second]})

    assert change.where == "signals[no-monthly-money]"
    assert change.details == (Detail("position", ("after “Signal work-to-do”",), ("first",)),)


def test_of_parts_that_moved_together_the_first_is_told() -> None:
    document = small_document(
        needs=[need("evidence", "decide"), need("outcome", "deliver")],
        signals=[signal(f"s{at}", {"cause": ["known"]}, {"evidence": 1}) for at in range(6)],
    )
    signals = document["signals"]

    told = changes({"signals": [*signals[2:], *signals[:2]]}, document)

    assert [change.where for change in told] == ["signals[s0]"]
    assert told[0].details == (Detail("position", ("first",), ("after “Signal s5”",)),)


def test_what_names_parts_does_not_change_with_their_order() -> None:
    needs = large_document()["needs"]

    assert [change.part for change in changes({"needs": needs[::-1]})] == ["need"]


@pytest.mark.parametrize(
    ("place", "what", "was"),
    [
        ("questions[money].options", "options", ("Option monthly", "Option one-off")),
        ("engagements[audit].good_fit", "good fit", ("A", "B")),
    ],
)
def test_another_order_of_a_list_is_told_as_such(
    place: str, what: str, was: tuple[str, ...]
) -> None:
    document = changed({"engagements[audit].good_fit": ["A", "B"]})
    part, _, field = place.rpartition(".")
    kind, key = part.removesuffix("]").split("[")
    items = next(each for each in document[kind] if each["key"] == key)[field]

    [change] = changes({place: items[::-1]}, document)

    assert change.details == (Detail(f"order of {what}", was, was[::-1]),)


# ---- What holds for all playbooks ---------------------------------------------------------


def parts_of(playbook: Playbook) -> dict[str, object]:
    """Every top-level part by name, as plain data."""
    document = playbook.model_dump()
    return {
        "playbook": {name: document[name] for name in HEADER},
        **{f"{name}[{part['key']}]": part for name in LISTS for part in document[name]},
    }


@holds(60)
@given(whole_playbooks(), whole_playbooks())
def test_each_part_that_differs_is_told_and_no_other(old: Playbook, new: Playbook) -> None:
    before, after = parts_of(old), parts_of(new)
    both = before.keys() & after.keys()

    told = {change.where: change.how for change in changes_between(old, new)}

    assert told == {
        **dict.fromkeys(after.keys() - both, How.ADDED),
        **dict.fromkeys(before.keys() - both, How.REMOVED),
        **{where: How.CHANGED for where in both if before[where] != after[where]},
    }


@holds(40)
@given(whole_playbooks(), whole_playbooks())
def test_there_are_no_changes_if_and_only_if_playbooks_are_equal(
    one: Playbook, other: Playbook
) -> None:
    assert changes_between(one, from_document(to_document(one))) == []
    assert (changes_between(one, other) == []) == (one == other)


@holds(40)
@given(whole_playbooks(), whole_playbooks())
def test_backwards_what_was_added_is_removed(old: Playbook, new: Playbook) -> None:
    def told(changes: list[Change], how: How) -> list[tuple[str, str]]:
        return [(change.where, change.title) for change in changes if change.how is how]

    there, back = changes_between(old, new), changes_between(new, old)

    assert told(there, How.ADDED) == told(back, How.REMOVED)
    assert told(there, How.REMOVED) == told(back, How.ADDED)


@holds(40)
@given(whole_playbooks(), st.sampled_from(["engagements", "signals", "needs"]), st.data())
def test_every_other_order_is_told_as_positions(
    playbook: Playbook, kind: str, data: st.DataObject
) -> None:
    document = to_document(playbook)
    items = data.draw(st.permutations(document[kind]))
    # An engagement model's place among those of one size decides, so it is a change.
    moved = from_document({**document, kind: items})

    told = changes_between(playbook, moved)

    assert bool(told) == (items != document[kind])
    assert all(change.where.startswith(kind) for change in told)
    assert {detail.what for change in told for detail in change.details} <= {"position"}
    assert all(detail.was != detail.now for change in told for detail in change.details)


@holds(40)
@given(
    whole_playbooks(),
    st.sampled_from(["needs", "engagements", "questions", "sections", "signals"]),
)
def test_every_renamed_key_is_told_once(playbook: Playbook, kind: str) -> None:
    document = to_document(playbook)
    key = document[kind][0]["key"]

    [change] = changes_between(playbook, from_document(renamed(document, kind, key, "renamed")))

    assert (change.where, change.how) == (f"{kind}[renamed]", How.RENAMED)


# ---- Acknowledgements -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "about", "told"),
    [
        ("engagement-reached", "audit", "“Engagement audit” is never recommended."),
        ("signal-fires", "work-to-do", "“Signal work-to-do” never fires."),
        (
            "option-matters",
            "cause.known",
            "The answer “Option known” to “Question cause?” changes no recommendation.",
        ),
        (
            "needs-carried",
            "evidence",
            "Nothing carries “Need evidence” together with all else that can be demanded.",
        ),
        ("always-fits", None, "Where several buying signals fire, it may be that nothing fits."),
    ],
)
def test_an_acknowledgement_is_told_as_a_sentence(claim: str, about: str | None, told: str) -> None:
    change = only({"acknowledgements[2]": acknowledgement(claim, about, "So it is meant.")})

    assert change.details == (Detail("acknowledged", (), (f"{told} So it is meant.",)),)


def test_an_acknowledgement_whose_part_is_renamed_is_the_same() -> None:
    document = large_document()
    after = renamed(document, "engagements", "retainer", "partner")

    told = changes_between(from_document(large_document()), from_document(after))

    assert [change.how for change in told] == [How.RENAMED]


def test_what_is_said_of_an_option_is_told() -> None:
    change = only(
        {
            "questions[cause].options[known].if_so": "you knew the cause",
            "questions[cause].options[not-sure].unsure": True,
        }
    )

    assert change.details == (
        Detail("option “Option known”: what it would take", (), ("you knew the cause",)),
        Detail("option “Option not-sure”: unsure", ("no",), ("yes",)),
    )


# ---- Drafts that do not hold together -----------------------------------------------------


@pytest.mark.parametrize(
    "places",
    [
        pytest.param({"signals[work-to-do].when[1].question": "gone"}, id="question"),
        pytest.param({"signals[work-to-do].demands[1].need": "gone"}, id="need"),
        pytest.param({"signals[work-to-do].when": []}, id="no condition"),
        pytest.param({"signals[work-to-do].when[1].any_of": []}, id="no option"),
        pytest.param({"engagements[audit].carries": ["gone"]}, id="carried need"),
        pytest.param({"questions[cause].section": "gone"}, id="section"),
        pytest.param({"guides[first].rows[row].start_with": []}, id="row that names nothing"),
        pytest.param({"questions[3]": question("cause", ["known"])}, id="twin keys"),
    ],
)
def test_a_playbook_with_problems_can_be_compared(places: dict[str, object]) -> None:
    sound = from_document(large_document())
    document = large_document()
    for place, value in places.items():
        put(document, place, value)

    told = changes_between(sound, Playbook.model_validate(document))

    assert told
    assert changes_between(None, Playbook.model_validate(document))


# ---- Words within a text ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "now", "marked"),
    [
        pytest.param(
            "EUR 6,000 to 14,000",
            "EUR 5,500 to 14,000",
            (
                [("EUR ", False), ("6,000", True), (" to 14,000", False)],
                [("EUR ", False), ("5,500", True), (" to 14,000", False)],
            ),
            id="another word",
        ),
        pytest.param(
            "We look at it.",
            "We look at it twice.",
            (
                [("We look at ", False), ("it.", True)],
                [("We look at ", False), ("it twice.", True)],
            ),
            id="a word more",
        ),
        pytest.param("Weeks", "A month", ([("Weeks", False)], [("A month", False)]), id="no word"),
    ],
)
def test_words_that_differ_are_marked_where_most_are_the_same(
    was: str, now: str, marked: tuple[Any, Any]
) -> None:
    assert words_apart(was, now) == marked
    assert Detail("text", (was,), (now,)).marked == ([marked[0]], [marked[1]])


def test_lines_of_a_list_are_not_held_against_each_other() -> None:
    assert Detail("lines", ("A b",), ("A b c", "D")).marked == (
        [[("A b", False)]],
        [[("A b c", False)], [("D", False)]],
    )


@holds(60)
@given(st.text("ab \n"), st.text("ab \n"))
def test_marked_or_not_the_words_stay(was: str, now: str) -> None:
    for text, pieces in zip((was, now), words_apart(was, now), strict=True):
        assert "".join(piece for piece, _ in pieces) == text


# ---- Sentences ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        pytest.param(
            (["“Q?” is answered “A”"], ["evidence"], []),
            "When “Q?” is answered “A”, the engagement must carry evidence.",
            id="demands",
        ),
        pytest.param(
            (["“Q?” is answered “A”", "“R?” is answered “B”"], [], ["Audit", "Team"]),
            "When “Q?” is answered “A”, and “R?” is answered “B”, "
            "the engagement cannot be “Audit” or “Team”.",
            id="rules out",
        ),
        pytest.param(
            (["“Q?” is answered “A”"], ["x", "y", "z"], ["Audit"], "It has to."),
            "When “Q?” is answered “A”, the engagement must carry x, y and z and cannot be "
            "“Audit”, because: It has to.",
            id="both",
        ),
        pytest.param(([], [], []), "When …, the engagement ….", id="not written yet"),
    ],
)
def test_a_signal_reads_as_a_sentence(words: tuple[Any, ...], sentence: str) -> None:
    assert signal_sentence(*words) == sentence
