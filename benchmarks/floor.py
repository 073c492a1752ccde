"""The floor: what `samples.playbook_of()` decides, written out by hand as if and else.

As fast as plain Python for one playbook can be without tables: masks, early exits, no loops over
data. It takes the answers of that playbook and nothing else; `rules` shows that it agrees.
"""

from collections.abc import Mapping

NONE = ("-",)
RESPOND, DECIDE, DELIVER, RUN = 0x1, 0x3E, 0x7C0, 0x3800
CARRIES = (0x3E, 0x3E, 0x3E, 0x7E0, 0x3FE, 0x7D4, 0x3B12)
"""Of the engagement models e0 to e6, smallest first, a bit for each need."""

C0, C3, C4, C5, C6 = 0x3E, 0x7E0, 0x3FE, 0x7D4, 0x3B12


def decide(answers: Mapping[str, tuple[str, ...]]) -> tuple[int, tuple[str, ...]]:
    """Return the fired signals as a mask, and the engagement models in order."""
    get = answers.get
    q0 = get("q0", NONE)[0]
    q1 = get("q1", NONE)[0]
    q2 = get("q2", NONE)[0]
    q3 = get("q3", NONE)[0]
    q4 = get("q4", NONE)
    q5 = get("q5", NONE)[0]
    q6 = get("q6", NONE)[0]
    q7 = get("q7", NONE)[0] if q6 in "bc" else "-"
    q8 = get("q8", NONE)[0]
    q9 = get("q9", NONE)[0]
    q10 = get("q10", NONE)[0]
    q11 = get("q11", NONE)[0]
    q12 = get("q12", NONE)[0]
    q13 = get("q13", NONE)[0]
    q14 = get("q14", NONE)
    q15 = get("q15", NONE)[0]
    q16 = get("q16", NONE)[0]
    q17 = get("q17", NONE)[0] if q16 in "bc" else "-"
    q18 = get("q18", NONE)[0]
    q19 = get("q19", NONE)[0]
    q20 = get("q20", NONE)[0]
    q21 = get("q21", NONE)[0]
    q22 = get("q22", NONE)[0]
    q23 = get("q23", NONE)[0]
    q24 = get("q24", NONE)
    q25 = get("q25", NONE)[0]
    q26 = get("q26", NONE)[0]
    q27 = get("q27", NONE)[0] if q26 in "bc" else "-"
    q28 = get("q28", NONE)[0]
    q29 = get("q29", NONE)[0]
    fired = needs = out = 0
    if q0 == "a":
        fired |= 1 << 0
        needs |= 1 << 0
    if q2 in "ad" and q1 == "d" and q15 in "ab":
        fired |= 1 << 1
        needs |= 1 << 6
    if q18 == "a" and q17 == "d" and q6 == "d":
        fired |= 1 << 2
        needs |= 1 << 1 | 1 << 9
    if q27 == "d" and q16 in "ac":
        fired |= 1 << 3
        needs |= 1 << 10
    if q29 == "b" and q3 in "bc" and q28 == "d":
        fired |= 1 << 4
        needs |= 1 << 6
    if q11 == "c" and "b" in q4 and q7 in "cd":
        fired |= 1 << 5
        needs |= 1 << 10 | 1 << 6
    if q6 == "a" and q8 == "c":
        fired |= 1 << 6
        needs |= 1 << 13
    if q12 in "ab" and q1 in "bd" and ("b" in q4 or "c" in q4):
        fired |= 1 << 7
        out |= 1 << 5
    if q28 == "d" and q17 == "a":
        fired |= 1 << 8
        needs |= 1 << 2 | 1 << 8
    if q25 in "ab" and q16 == "d" and q15 == "b":
        fired |= 1 << 9
        needs |= 1 << 1
    if q23 == "c" and q19 in "bd":
        fired |= 1 << 10
        needs |= 1 << 13 | 1 << 5
    if q12 in "cd" and q6 == "d" and q16 in "bc":
        fired |= 1 << 11
        needs |= 1 << 13
    if q26 == "d" and q20 == "d":
        fired |= 1 << 12
        needs |= 1 << 12
    if q2 == "a" and q1 == "d" and q28 == "a":
        fired |= 1 << 13
        needs |= 1 << 5
    if q23 == "d" and q13 in "cd" and q19 in "ab":
        fired |= 1 << 14
        needs |= 1 << 11
    if q16 == "a" and q2 == "a":
        fired |= 1 << 15
        out |= 1 << 1
    if q26 in "bc" and q2 == "b" and q9 == "d":
        fired |= 1 << 16
        needs |= 1 << 1
    if q8 in "ab" and q17 == "c" and q29 in "cd":
        fired |= 1 << 17
        needs |= 1 << 3 | 1 << 5
    if q1 == "d" and q16 in "ac" and q27 == "a":
        fired |= 1 << 18
        needs |= 1 << 12
    if q8 == "b" and q22 == "b":
        fired |= 1 << 19
        needs |= 1 << 13 | 1 << 9
    if q19 == "b" and "a" in q4 and q15 == "d":
        fired |= 1 << 20
        needs |= 1 << 13 | 1 << 5
    if q6 in "ad" and q23 == "b":
        fired |= 1 << 21
        needs |= 1 << 12
    if q9 == "b" and q11 == "d":
        fired |= 1 << 22
        needs |= 1 << 5
    if q27 == "d" and q10 in "bd":
        fired |= 1 << 23
        out |= 1 << 4
    if q19 == "a" and q28 == "d":
        fired |= 1 << 24
        needs |= 1 << 8
    if q23 == "c" and q20 == "d":
        fired |= 1 << 25
        needs |= 1 << 3
    if q1 == "d" and q12 == "c":
        fired |= 1 << 26
        needs |= 1 << 3
    if q21 == "b" and q18 in "ab" and ("a" in q4 or "c" in q4):
        fired |= 1 << 27
        needs |= 1 << 11 | 1 << 4
    if q2 in "bc" and q12 in "ad" and q21 == "d":
        fired |= 1 << 28
        needs |= 1 << 11
    if q5 in "cd" and q20 == "d":
        fired |= 1 << 29
        needs |= 1 << 12
    if "d" in q14 and "a" in q24:
        fired |= 1 << 30
        needs |= 1 << 1 | 1 << 13
    if ("b" in q24 or "d" in q24) and q12 == "d":
        fired |= 1 << 31
        out |= 1 << 3
    if q17 == "a" and "b" in q24:
        fired |= 1 << 32
        needs |= 1 << 11
    if q9 == "b" and q16 == "d" and q22 == "b":
        fired |= 1 << 33
        needs |= 1 << 1 | 1 << 6
    if q7 == "d" and q25 == "c" and q23 == "b":
        fired |= 1 << 34
        needs |= 1 << 7
    if q8 == "b" and q12 in "ad" and q6 == "b":
        fired |= 1 << 35
        needs |= 1 << 11
    if q8 == "d" and q9 in "ab":
        fired |= 1 << 36
        needs |= 1 << 6
    if q6 == "a" and q20 == "d":
        fired |= 1 << 37
        needs |= 1 << 9
    if q28 == "d" and q15 == "c" and q26 in "ab":
        fired |= 1 << 38
        needs |= 1 << 12
    if q16 == "d" and "a" in q14:
        fired |= 1 << 39
        out |= 1 << 3
    if not needs:
        return fired, () if out & 1 else ("e0",)
    if needs & RESPOND:
        return fired, ("emergency", *_cover(needs & ~RESPOND, out))
    if not needs & ~C0 and not out & 1:
        return fired, ("e0",)
    if not needs & ~C0 and not out & 2:
        return fired, ("e1",)
    if not needs & ~C0 and not out & 4:
        return fired, ("e2",)
    if not needs & ~C3 and not out & 8:
        return fired, ("e3",)
    if not needs & ~C4 and not out & 16:
        return fired, ("e4",)
    if not needs & ~C5 and not out & 32:
        return fired, ("e5",)
    if not needs & ~C6 and not out & 64:
        return fired, ("e6",)
    return fired, _cover(needs, out)


def _cover(needs: int, out: int) -> tuple[str, ...]:
    """One engagement model for everything, else one for the earliest phase, and so on."""
    steps: tuple[str, ...] = ()
    while needs:
        first = _smallest(needs, out)
        if first < 0:
            first = _smallest(needs & DECIDE or needs & DELIVER or needs & RUN, out)
        if first < 0:
            return ()
        steps += (f"e{first}",)
        needs &= ~CARRIES[first]
    return steps


def _smallest(needs: int, out: int) -> int:
    if not needs & ~C0 and out & 7 != 7:
        return 0 if not out & 1 else 1 if not out & 2 else 2
    if not needs & ~C3 and not out & 8:
        return 3
    if not needs & ~C4 and not out & 16:
        return 4
    if not needs & ~C5 and not out & 32:
        return 5
    if not needs & ~C6 and not out & 64:
        return 6
    return -1
