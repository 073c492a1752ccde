"""In which language the product's judgement speaks.

It knows no Django, so it speaks English by itself, as in a shell; `speak_by` gives it whatever
finds the words and writes the numbers of another language. The names are those by which
gettext's tools find what is to be translated.
"""

from collections.abc import Callable

type Words = Callable[[str], str]
type CountedWords = Callable[[str, str, int], str]
type Figures = Callable[[int], str]


def _english(text: str) -> str:
    return text


def _english_count(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


def _english_figures(number: int) -> str:
    return f"{number:,}"


class _Speech:
    words: Words = staticmethod(_english)
    counted: CountedWords = staticmethod(_english_count)
    figures: Figures = staticmethod(_english_figures)


def speak_by(words: Words, counted: CountedWords, figures: Figures) -> None:
    """Let these say everything from now on."""
    _Speech.words = staticmethod(words)
    _Speech.counted = staticmethod(counted)
    _Speech.figures = staticmethod(figures)


def gettext(text: str) -> str:
    """Return a text in the language of whoever reads it."""
    return _Speech.words(text)


def ngettext(one: str, many: str, count: int) -> str:
    """Return the text that goes with a count."""
    return _Speech.counted(one, many, count)


def gettext_noop(text: str) -> str:
    """Mark a text that is translated where it is used."""
    return text


def figures(number: int) -> str:
    """Return a whole number with its thousands apart."""
    return _Speech.figures(number)
