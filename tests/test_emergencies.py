"""Red flags, and the page that they lead to at once."""

import re

import pytest
from django.test import Client

from catalog.models import PlaybookVersion
from engagements.models import Assessment
from tests.buyers import PLAYBOOK, address, asked, begin, decided, links_of, text_of, to
from tests.scenarios import rulebook_of

pytestmark = pytest.mark.django_db

COMMERCIAL = re.compile(
    r"\b(budget|buy|commercial|contract|cost|engagement model|fee|hourly|invoice|monthly|offer"
    r"|package|pay|plan|price|pricing|project|proposal|quote|recommend|retain|sale|scope|terms)",
    re.IGNORECASE,
)
FLAGS = [o.key for o in rulebook_of(PLAYBOOK).playbook.question("red-flags").options][:-1]


def test_the_emergency_page_needs_no_assessment(client: Client, version: PlaybookVersion) -> None:
    page = client.get(address(version, "emergency"))
    emergency = version.rulebook.playbook.emergency
    assert emergency is not None
    assert all(thing in text_of(page) for thing in (emergency.phone, *emergency.have_ready))
    assert not COMMERCIAL.search(text_of(page))


@pytest.mark.parametrize("flag", FLAGS)
def test_a_red_flag_leads_to_the_emergency_page_at_once(
    client: Client, version: PlaybookVersion, flag: str
) -> None:
    page = client.post(address(version, "start"), {"red-flags": flag}, follow=True)
    assessment = Assessment.objects.get()
    assert [href for href, _status in page.redirect_chain] == [to(assessment, "respond")]
    emergency = version.rulebook.playbook.emergency
    assert emergency is not None
    text = text_of(page)
    assert emergency.phone in text
    assert len(emergency.have_ready) == 4
    for thing in emergency.have_ready:
        assert thing in text
    assert asked(version, "red-flags").option(flag).label in text
    assert not COMMERCIAL.search(text), COMMERCIAL.search(text)
    assert assessment.recommendation
    assert assessment.recommendation.engagement == "emergency-response"


def test_a_false_alarm_can_be_taken_back(client: Client, version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": ["down", "stuck"]})
    page = client.get(assessment.get_absolute_url(), follow=True)
    change = to(assessment, "question", "red-flags")
    assert change in dict(links_of(page))
    response = client.post(change, {"red-flags": "none"})
    assert response["Location"] == to(assessment, "question", "situation")
    response = client.get(to(assessment, "respond"))
    assert response["Location"] == to(assessment, "question", "situation")


def test_the_recommendation_of_an_emergency_gives_the_emergency_number(
    client: Client, version: PlaybookVersion
) -> None:
    page = client.get(to(decided(version, red_flags=["down"]), "recommendation"))
    playbook = version.rulebook.playbook
    assert playbook.emergency is not None
    main = page.content.decode().partition("<main")[2].partition("</main>")[0]
    assert playbook.emergency.phone in main
    assert playbook.firm.phone not in main
