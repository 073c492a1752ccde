"""What other answers lead to, in words: counterfactuals, and the ways out of a conflict."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from advisor.playbook import Kind, Playbook
from advisor.rules import Recommendation
from advisor.rules.recommendation import GivenAnswer, Outcome, OutcomeKind, Side
from advisor.sentences import quoted
from engagements.questionnaire import not_offered
from engagements.quotes import Quote, Said, quote_of, quotes_of

MOST_WAYS = 3
"""To one result, of those that are told at once, on the page and in print."""

MOST_POSSIBLE = 4
"""Of the results that questions still to be asked decide between, in words."""


class Change(Said):
    """An answer of a conflict, what it would have to be instead, and the steps that then fit.

    Where `leads_to` names none, something can fit then; which, the questions left decide.
    """

    quote: Quote
    instead: Quote
    leads_to: tuple[str, ...]


class Reached(Said):
    """What other answers lead to: the engagement models in order, none where nothing fits.

    `unchanged` is what the answers lead to as they are.
    """

    kind: OutcomeKind
    titles: tuple[str, ...]
    unchanged: bool = False

    def __str__(self) -> str:
        """What completes "this would be …"."""
        titles = _(", then ").join(self.titles)
        if self.kind is OutcomeKind.CONFLICT:
            return _("nothing that fits")
        if self.kind is OutcomeKind.ENTRY:
            return _("nothing at all (if anything, {titles})").format(titles=titles)
        return _("still {titles}").format(titles=titles) if self.unchanged else titles


class Instead(Said):
    """One answer as it would have to be, whole.

    `if_so` completes "If …" in the words of the playbook, where it has any. Of an answer with
    several options, `more` are those that it would have and has not, `less` the other way round.
    """

    quote: Quote
    if_so: str = ""
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()

    @property
    def clause(self) -> str:
        """What completes "If …"."""
        question = self.quote.question
        if self.if_so:
            return self.if_so
        if self.more and not self.less:
            return _("you also ticked {options} at “{question}”").format(
                options=_quoted(self.more), question=question
            )
        if self.less and not self.more:
            return _("you did not tick {options} at “{question}”").format(
                options=_quoted(self.less), question=question
            )
        return _("your answer to “{question}” were {options}").format(
            options=_quoted(self.quote.words), question=question
        )


class Way(Said):
    """A smallest change that leads to another result: one answer, or two together."""

    changes: tuple[Instead, ...]

    def __str__(self) -> str:
        """What completes "If …"."""
        return _(", and if ").join(change.clause for change in self.changes)


class Counterfactual(Said):
    """Another result, and the ways to it.

    There is one of the `results` where that is certain; of several, questions that are asked then
    decide. `side` tells how it compares with what is recommended, where its commitment differs.
    """

    results: tuple[Reached, ...]
    side: Side | None
    ways: tuple[Way, ...]

    def __str__(self) -> str:
        """What completes "this would be …" or, where it is not certain, "this could be …"."""
        told = [str(result) for result in self.results[:MOST_POSSIBLE]]
        if rest := len(self.results) - len(told):
            told.append(_("something else ({count} more)").format(count=rest))
        return _("; or ").join(told)

    @property
    def certain(self) -> bool:
        """Whether no question that is asked then can change the result."""
        return len(self.results) == 1

    @property
    def leading_ways(self) -> tuple[Way, ...]:
        """The ways that are told at once, those of one answer first."""
        return tuple(sorted(self.ways, key=lambda way: len(way.changes)))[:MOST_WAYS]

    @property
    def more_ways(self) -> tuple[Way, ...]:
        """The other ways."""
        return tuple(way for way in self.ways if way not in self.leading_ways)


class Dropped(Said):
    """An answer of a conflict, and what the rest comes to without it."""

    quote: Quote
    result: Reached


@dataclass(frozen=True, slots=True)
class Clash:
    """An answer of a conflict: what the rest comes to without it, and with another one."""

    quote: Quote
    without: Reached | None
    change: Change | None


class Conflict(Said):
    """Answers that nothing on offer satisfies together: what is left uncarried, ways out.

    `not_offered` are those of the needs that nothing on offer carries, whatever else is said, and
    `because` says why they are demanded. Stored before it was looked for, nothing is `dropped`.
    """

    quotes: tuple[Quote, ...]
    needs: tuple[str, ...]
    ruled_out: tuple[str, ...]
    changes: tuple[Change, ...]
    not_offered: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    dropped: tuple[Dropped, ...] = ()

    @property
    def clashes(self) -> Iterator[Clash]:
        """The answers one by one, with what dropping and what changing each leads to."""
        without = {dropped.quote: dropped.result for dropped in self.dropped}
        changes = {change.quote: change for change in self.changes}
        for quote in self.quotes:
            for word in quote.words:
                one = quote.model_copy(update={"words": (word,)})
                yield Clash(one, without.get(one), changes.get(one))


# ---- From a recommendation -----------------------------------------------------------------


def conflict_of(playbook: Playbook, recommendation: Recommendation) -> Conflict | None:
    """Return what cannot be satisfied together, if anything."""
    conflict = recommendation.conflict
    if conflict is None:
        return None
    missing = not_offered(playbook, recommendation)
    return Conflict(
        quotes=quotes_of(playbook, conflict.answers),
        needs=tuple(playbook.need(key).title for key in conflict.needs),
        ruled_out=_titles(playbook, conflict.ruled_out),
        not_offered=tuple(need.title for need in missing),
        because=tuple(
            playbook.signal(fired.signal).because
            for fired in recommendation.signals
            if {demand.need for demand in fired.demands} & {need.key for need in missing}
        ),
        changes=tuple(
            Change(
                quote=quote_of(playbook, change.question, (change.option,)),
                instead=quote_of(playbook, change.question, change.instead),
                leads_to=_titles(playbook, change.outcome.engagements if change.outcome else ()),
            )
            for change in conflict.changes
        ),
        dropped=tuple(
            Dropped(
                quote=quote_of(playbook, dropped.question, (dropped.option,)),
                result=_reached(playbook, recommendation, dropped.outcome),
            )
            for dropped in conflict.dropped
        ),
    )


def counterfactuals_of(
    playbook: Playbook, recommendation: Recommendation
) -> tuple[Counterfactual, ...] | None:
    """Return what other answers lead to, all ways to the same together, in the rules' order.

    None where nobody has looked: what was stored before says nothing of it, and in a conflict each
    of its answers is told with what changing it leads to.
    """
    if recommendation.conflict or "counterfactuals" not in recommendation.model_fields_set:
        return None
    ways: dict[tuple[Outcome, ...], list[Way]] = {}
    now = recommendation.outcome
    for found in recommendation.counterfactuals:
        changes = tuple(_instead(playbook, recommendation, answer) for answer in found.instead)
        # What is news comes first.
        possible = sorted(found.possible, key=lambda outcome: (outcome == now, not outcome.first))
        outcomes = (found.outcome,) if found.outcome else tuple(possible)
        ways.setdefault(outcomes, []).append(Way(changes=changes))
    return tuple(
        Counterfactual(
            results=tuple(_reached(playbook, recommendation, outcome) for outcome in outcomes),
            side=_side(playbook, recommendation, outcomes[0]) if len(outcomes) == 1 else None,
            ways=tuple(found),
        )
        for outcomes, found in ways.items()
    )


def _instead(playbook: Playbook, recommendation: Recommendation, answer: GivenAnswer) -> Instead:
    """An answer as it would have to be; `if_so` of an option holds where that is the news."""
    question = playbook.question(answer.question)
    given = recommendation.counted.get(question.key, ())
    more = tuple(key for key in answer.options if key not in given)
    less = tuple(key for key in given if key not in answer.options)
    is_news = len(more) == 1 and (not less or answer.options == more)
    several = question.kind is Kind.MANY
    return Instead(
        quote=quote_of(playbook, question.key, answer.options),
        if_so=(question.option(more[0]).if_so or "") if is_news else "",
        more=tuple(question.option(key).label for key in more) if several else (),
        less=tuple(question.option(key).label for key in less) if several else (),
    )


def _side(playbook: Playbook, recommendation: Recommendation, outcome: Outcome) -> Side | None:
    """Whether an outcome is a smaller or a larger commitment than the recommendation, if either."""
    sizes = {model.key: model.size for model in playbook.engagements}
    other = max((sizes[key] for key in outcome.engagements), default=0)
    now = max((sizes[step.engagement] for step in recommendation.steps), default=0)
    if other == now:
        return None
    return Side.SMALLER if other < now else Side.LARGER


def _reached(playbook: Playbook, recommendation: Recommendation, outcome: Outcome) -> Reached:
    return Reached(
        kind=outcome.kind,
        titles=_titles(playbook, outcome.engagements),
        unchanged=outcome == recommendation.outcome,
    )


def _titles(playbook: Playbook, keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(playbook.engagement(key).title for key in keys)


def _quoted(options: tuple[str, ...]) -> str:
    return ", ".join(map(quoted, options))
