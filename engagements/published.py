"""What is published beside a playbook: whom to call, and where another one goes on."""

from collections.abc import Iterable
from dataclasses import dataclass

from advisor.playbook import EngagementModel, Phase
from advisor.playbook import Playbook as PlaybookValue
from catalog.models import Playbook


@dataclass(frozen=True, slots=True)
class EmergencyLine:
    """A number to call, the playbooks that name it, and the one to read more in."""

    firm: str
    phone: str
    hours: str
    playbooks: tuple[PlaybookValue, ...]

    @property
    def more(self) -> PlaybookValue:
        """The playbook whose page says what to have ready; one that sells a response if any."""
        return max(self.playbooks, key=lambda playbook: responder_of(playbook) is not None)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An engagement model for emergencies, and the playbook that has it."""

    playbook: PlaybookValue
    model: EngagementModel


def emergency_lines(playbooks: Iterable[PlaybookValue]) -> list[EmergencyLine]:
    """Return every number to call in an emergency once, whichever playbooks name it."""
    lines: dict[tuple[str, str], list[PlaybookValue]] = {}
    for playbook in playbooks:
        if playbook.emergency:
            lines.setdefault((playbook.firm.name, playbook.emergency.phone), []).append(playbook)
    return [
        EmergencyLine(firm, phone, named[0].emergency.hours, tuple(named))
        for (firm, phone), named in lines.items()
        if named[0].emergency
    ]


def responder_of(playbook: PlaybookValue) -> EngagementModel | None:
    """Return the smallest engagement model that responds to a failure, if one is for sale."""
    models = [model for model in playbook.engagements if model.phase is Phase.RESPOND]
    return min(models, key=lambda model: model.size, default=None)


def emergencies_not_offered(playbook: PlaybookValue) -> list[str]:
    """Return what an emergency needs, where the playbook sells nothing that carries it."""
    needs = [need for need in playbook.needs if need.phase is Phase.RESPOND]
    return [] if any(need.offered for need in needs) else [need.title for need in needs]


def responders_elsewhere(playbook: PlaybookValue) -> Elsewhere | None:
    """Return what another playbook of the same firm sells for emergencies, if this one does not."""
    if responder_of(playbook):
        return None
    others = Playbook.objects.filter(versions__isnull=False).exclude(key=playbook.key).distinct()
    for other in (row.live.rulebook.playbook for row in others):
        model = responder_of(other)
        if model and other.firm.name == playbook.firm.name:
            return Elsewhere(other, model)
    return None


def follow_ons(models: Iterable[EngagementModel]) -> dict[str, PlaybookValue]:
    """Return the published ones of the playbooks in which engagement models go on, by key."""
    keys = {model.follow_on.playbook for model in models if model.follow_on}
    if not keys:
        return {}
    rows = Playbook.objects.filter(key__in=keys, versions__isnull=False).distinct()
    return {row.key: row.live.rulebook.playbook for row in rows}
