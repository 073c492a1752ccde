"""The rules: pure Python over a playbook, without Django and without I/O.

rulebook = compile_playbook(playbook, version)
recommendation = recommend(rulebook, answers)
"""

from advisor.rules.recommend import recommend
from advisor.rules.recommendation import Recommendation
from advisor.rules.rulebook import Answers, Rulebook, compile_playbook

__all__ = ["Answers", "Recommendation", "Rulebook", "compile_playbook", "recommend"]
