"""Compile: a playbook document becomes a rulebook, which the rules run on.

Everything the rules compare is a bit in an integer: options, needs, engagement models. A
rulebook is made once for a published version and kept; it holds no answers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import add, and_

from advisor.playbook import Conditions, Kind, Phase, Playbook, Stage
from advisor.rules.keeping import Rows, keys_in, rows_of

Answers = Mapping[str, tuple[str, ...]]
"""Question key to what was answered: option keys, or one string for a typed answer."""


@dataclass(frozen=True, slots=True)
class CompiledQuestion:
    """A question that decides: where its options are in the option bits, when it is asked.

    `options` has the bits of all of them.
    """

    key: str
    kind: Kind
    triage: bool
    changeable: bool
    option_bits: Mapping[str, int]
    options: int
    exclusive: int
    ask_when: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CompiledSignal:
    """A signal as masks: fires when the answer bits meet each mask of `when`."""

    key: str
    when: tuple[int, ...]
    needs: int
    rules_out: int


@dataclass(frozen=True, slots=True, eq=False)
class CompiledEngagement:
    """An engagement model as masks. `bit` is its place in a ruled-out mask, smallest first."""

    key: str
    size: int
    phase: Phase
    bit: int
    carries: int


@dataclass(frozen=True, eq=False)
class Rulebook:
    """What the rules run on: a playbook's questions, signals and engagement models as bits.

    `engagements` are smallest first (ties in playbook order). `questions` are those that decide
    (triage and decide stages), in playbook order; a question is asked after those it depends on.
    """

    playbook: Playbook
    version: str
    questions: tuple[CompiledQuestion, ...]
    signals: tuple[CompiledSignal, ...]
    engagements: tuple[CompiledEngagement, ...]
    need_bits: Mapping[str, int]
    phase_needs: tuple[tuple[Phase, int], ...]

    @cached_property
    def respond_needs(self) -> int:
        """The needs of the earliest phase that comes before any commercial question."""
        return dict(self.phase_needs)[Phase.RESPOND]

    @cached_property
    def entry(self) -> CompiledEngagement:
        """The engagement model to name when nothing is demanded."""
        return self.engagement(self.playbook.entry or "")

    def engagement(self, key: str) -> CompiledEngagement:
        """Return the compiled engagement model with this key; raise KeyError if none has it."""
        return self._engagement_by_key[key]

    @cached_property
    def responders(self) -> int:
        """The engagement models that respond to emergencies, by bit."""
        return sum(e.bit for e in self.engagements if e.phase is Phase.RESPOND)

    def smallest(self, needs: int, ruled_out: int) -> CompiledEngagement | None:
        """Return the first engagement model that carries all the needs and is not ruled out.

        Ties of size would go to the higher score, but everything that fits scores 100, so they go
        to playbook order.
        """
        fitting = ~ruled_out
        for row in self._carrying:
            fitting &= row[needs & 255]
            needs >>= 8
        return self._engagement_by_bit[fitting & -fitting] if fitting else None

    def earliest(self, needs: int) -> int:
        """Return those of the needs, of which there are some, that belong to the first phase."""
        return next(needs & mask for _, mask in self.phase_needs if needs & mask)

    def needs_in(self, mask: int) -> tuple[str, ...]:
        """Return the keys of the needs in a mask, in playbook order."""
        return keys_in(self._need_keys, mask)

    def live_questions(self, answers: Answers) -> Iterator[CompiledQuestion]:
        """Yield the questions on the live path, in order, given what is answered so far.

        A question is live when each of its conditions holds on answers to live questions.
        """
        bits = 0
        for question in self.questions:
            if all(bits & mask for mask in question.ask_when):
                yield question
                bits |= answer_bits(question, answers)

    def open_places(self, answers: Answers) -> list[int]:
        """Return the places of the questions that have no answer and may come to be asked.

        Those are the open ones on the live path, and all that some way to answer them opens.
        """
        reachable = 0
        found = []
        for at, question in enumerate(self.questions):
            if all(reachable & mask for mask in question.ask_when):
                given = answer_bits(question, answers)
                reachable |= given or question.options
                if not given:
                    found.append(at)
        return found

    def live_answers(self, answers: Answers) -> dict[str, tuple[str, ...]]:
        """Return the answers that count: to deciding questions on the live path.

        Questions and options come in playbook order, however they were given.
        """
        return {
            question.key: tuple(o for o in question.option_bits if o in answers[question.key])
            for question in self.live_questions(answers)
            if answers.get(question.key)
        }

    def bits_of(self, answers: Answers) -> int:
        """Return the option bits of answers that are all on the live path."""
        bits = 0
        for question in self.questions:
            bits |= answer_bits(question, answers)
        return bits

    @cached_property
    def _carrying(self) -> Rows[int]:
        """For each eight needs, the engagement models that carry any such of them."""
        everyone = sum(e.bit for e in self.engagements)
        carriers = (
            sum(e.bit for e in self.engagements if e.carries & bit)
            for bit in self.need_bits.values()
        )
        return rows_of(carriers, and_, everyone)

    @cached_property
    def _need_keys(self) -> Rows[tuple[str, ...]]:
        return rows_of([(key,) for key in self.need_bits], add, ())

    @cached_property
    def _engagement_by_bit(self) -> dict[int, CompiledEngagement]:
        return {engagement.bit: engagement for engagement in self.engagements}

    @cached_property
    def _engagement_by_key(self) -> dict[str, CompiledEngagement]:
        return {engagement.key: engagement for engagement in self.engagements}


def answer_bits(question: CompiledQuestion, answers: Answers) -> int:
    """Return the option bits that the answers hold for one question; 0 when unanswered."""
    bits = 0
    for option in answers.get(question.key, ()):
        bits |= question.option_bits[option]
    return bits


def compile_playbook(playbook: Playbook, version: str) -> Rulebook:
    """Return the rulebook of a playbook that has passed `advisor.checking`.

    `version` is the document's hash; recommendations carry it. Raises KeyError when a part
    refers to one that does not exist (checking reports these in words).
    """
    deciding = [q for q in playbook.questions if playbook.stage_of(q) is not Stage.SCOPE]
    option_bits: dict[tuple[str, str], int] = {}
    for question in deciding:
        for option in question.options:
            option_bits[question.key, option.key] = 1 << len(option_bits)
    need_bits = {need.key: 1 << i for i, need in enumerate(playbook.needs)}
    smallest_first = sorted(playbook.engagements, key=lambda model: model.size)
    engagement_bits = {model.key: 1 << i for i, model in enumerate(smallest_first)}

    def masks(conditions: Conditions) -> tuple[int, ...]:
        return tuple(
            sum(option_bits[condition.question, key] for key in set(condition.any_of))
            for condition in conditions
        )

    return Rulebook(
        playbook=playbook,
        version=version,
        questions=tuple(
            CompiledQuestion(
                key=question.key,
                kind=question.kind,
                triage=playbook.stage_of(question) is Stage.TRIAGE,
                changeable=(
                    question.changeable and playbook.stage_of(question) is not Stage.TRIAGE
                ),
                option_bits={o.key: option_bits[question.key, o.key] for o in question.options},
                options=sum(option_bits[question.key, o.key] for o in question.options),
                exclusive=sum(
                    option_bits[question.key, o.key] for o in question.options if o.exclusive
                ),
                ask_when=masks(playbook.conditions_of(question)),
            )
            for question in deciding
        ),
        signals=tuple(
            CompiledSignal(
                key=signal.key,
                when=masks(signal.when),
                needs=sum({need_bits[demand.need] for demand in signal.demands}),
                rules_out=sum({engagement_bits[key] for key in signal.rules_out}),
            )
            for signal in playbook.signals
        ),
        engagements=tuple(
            CompiledEngagement(
                key=model.key,
                size=model.size,
                phase=model.phase,
                bit=engagement_bits[model.key],
                carries=sum({need_bits[key] for key in model.carries}),
            )
            for model in smallest_first
        ),
        need_bits=need_bits,
        phase_needs=tuple(
            (phase, sum(need_bits[need.key] for need in playbook.needs if need.phase is phase))
            for phase in Phase
        ),
    )
