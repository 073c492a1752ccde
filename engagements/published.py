"""What is published beside a playbook: whom to call, and where another one goes on."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from advisor.brand import current
from advisor.playbook import EngagementModel, Firm, Phase, Playbook
from engagements.lists import live_versions


@dataclass(frozen=True, slots=True)
class EmergencyLine:
    """A number to call, the playbooks that name it, and the one to read more in."""

    firm: str
    phone: str
    hours: str
    playbooks: tuple[Playbook, ...]

    @property
    def more(self) -> Playbook:
        """The playbook whose page says what to have ready; one that sells a response if any."""
        return max(self.playbooks, key=lambda playbook: responder_of(playbook) is not None)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An engagement model for emergencies, and the playbook that has it."""

    playbook: Playbook
    model: EngagementModel


def firm_of(playbooks: Iterable[Playbook]) -> Firm | None:
    """Return whom to talk to about any of these playbooks: the brand's firm, or their only one.

    It may have a phone in several places; then it is the one that most playbooks name.
    """
    firms = Counter(playbook.firm for playbook in playbooks)
    if current().firm or len({(firm.name, firm.email) for firm in firms}) != 1:
        return current().firm
    return firms.most_common(1)[0][0]


def emergency_lines(playbooks: Iterable[Playbook]) -> list[EmergencyLine]:
    """Return every number to call in an emergency once, whichever playbooks name it."""
    lines: dict[tuple[str, str], list[Playbook]] = {}
    for playbook in playbooks:
        if playbook.emergency:
            lines.setdefault((playbook.firm.name, playbook.emergency.phone), []).append(playbook)
    return [
        EmergencyLine(firm, phone, named[0].emergency.hours, tuple(named))
        for (firm, phone), named in lines.items()
        if named[0].emergency
    ]


def responder_of(playbook: Playbook) -> EngagementModel | None:
    """Return the smallest engagement model that responds to a failure, if one is for sale."""
    models = [model for model in playbook.engagements if model.phase is Phase.RESPOND]
    return min(models, key=lambda model: model.size, default=None)


def emergencies_not_offered(playbook: Playbook) -> list[str]:
    """Return what an emergency needs, where the playbook sells nothing that carries it."""
    needs = [need for need in playbook.needs if need.phase is Phase.RESPOND]
    return [] if any(need.offered for need in needs) else [need.title for need in needs]


def responders_elsewhere(playbook: Playbook) -> Elsewhere | None:
    """Return what another playbook of the same firm sells for emergencies, if this one does not."""
    if responder_of(playbook):
        return None
    sold = [Elsewhere(other, model) for other in others(playbook) if (model := responder_of(other))]
    # The one at the same number first: a firm may have a line for each of its places.
    return max(sold, key=lambda one: _number(one.playbook) == _number(playbook), default=None)


def others(playbook: Playbook) -> list[Playbook]:
    """Return what else the same firm has published, as it is now."""
    found = (version.rulebook.playbook for version in live_versions())
    return [one for one in found if one.key != playbook.key and one.firm.name == playbook.firm.name]


def _number(playbook: Playbook) -> str | None:
    return playbook.emergency and playbook.emergency.phone


def playbooks_named_by(models: Iterable[EngagementModel]) -> dict[str, Playbook]:
    """Return the published ones of the playbooks in which engagement models go on, by key."""
    keys = {model.follow_on.playbook for model in models if model.follow_on}
    if not keys:
        return {}
    return {version.playbook.key: version.rulebook.playbook for version in live_versions(keys)}
