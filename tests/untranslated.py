"""Find what a person reads and gettext never sees, in templates and in Python."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

TAG = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
TRANSLATED = re.compile(
    r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}"
    r"|{%\s*comment\b.*?{%\s*endcomment\s*%}",
    re.DOTALL,
)
LITERALS = re.compile(r"""(?<![_\w])(?:default(?:_if_none)?|yesno|pluralize|join):(["'])(.*?)\1""")
READ = {"alt", "aria-label", "aria-description", "content", "placeholder", "title", "value"}
"""The attributes that people read, `data-label` aside, which stands before a cell on a phone."""

WORD = re.compile(r"[A-Za-zÄÖÜäöüß]{2,}")


# ---- Templates ------------------------------------------------------------------------------


class _Texts(HTMLParser):
    """The texts between tags, and those in attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self.within.append(tag)
        hidden = ("type", "hidden") in attrs or tag in ("meta", "option", "button")
        for name, value in attrs:
            reads = name in READ and not (hidden and name in ("value", "content"))
            if value and (reads or name == "data-label"):
                self.found.append(value)

    def handle_endtag(self, tag: str) -> None:
        if self.within and self.within[-1] == tag:
            self.within.pop()

    def handle_data(self, data: str) -> None:
        if not self.within:
            self.found.append(data)


def in_template(source: str) -> Iterator[str]:
    """Yield the words of a template that stand outside of its translate tags."""
    for _quote, text in LITERALS.findall(source):
        if WORD.search(text):
            yield text
    texts = _Texts()
    # Within an attribute a tag leaves nothing; between two, what is left must stay apart.
    texts.feed(TAG.sub(" ", TRANSLATED.sub(" ", source)))
    texts.close()
    for text in texts.found:
        if WORD.search(text):
            yield " ".join(text.split())


# ---- Python ---------------------------------------------------------------------------------

TRANSLATORS = {
    "_",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
}
TOLD_BY_NAME = {
    "description",
    "empty_label",
    "empty_value",
    "help_text",
    "kept_because",
    "label",
    "search_help_text",
    "short_description",
    "verbose_name",
    "verbose_name_plural",
    "violation_error_message",
}
"""Arguments, attributes of classes and keys of dicts whose values people read."""

TOLD_TO = {"add_error", "error", "success", "warning", "info"}
"""Calls whose strings people read; of `logger` nobody but an operator does."""

TITLES = {"title", "message"}
"""Keys of a context whose values people read."""

OF_OPERATORS = {"CommandError", "RuntimeError", "KeyError"}
"""Errors that only a shell or a log tells."""


def in_python(source: str) -> Iterator[str]:
    """Yield the strings of a module that people read and that are not translated."""
    for node in ast.walk(ast.parse(source)):
        for value in _told_by_name(node):
            yield from _plain(value)
        for value in _told_in_sentences(node):
            yield from (text for text in _plain(value) if " " in text)


def _told_by_name(node: ast.AST) -> Iterator[ast.expr]:
    """What people read because of what it is called, or of where it stands."""
    match node:
        case ast.keyword(arg="error_messages", value=ast.Dict(values=values)):
            yield from values
        case ast.keyword(arg=str(name), value=value) if name in TOLD_BY_NAME:
            yield value
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in TOLD_BY_NAME:
            yield value
        case ast.Dict(keys=keys, values=values):
            named = zip(keys, values, strict=True)
            yield from (v for k, v in named if isinstance(k, ast.Constant) and k.value in TITLES)
        case ast.Call(func=function, args=[ast.Constant() as value, *_]) if _is_field(function):
            yield value
        case ast.ClassDef(body=lines) if _is_choices(node):
            tuples = (line.value for line in lines if isinstance(line, ast.Assign))
            yield from (one.elts[1] for one in tuples if isinstance(one, ast.Tuple))


def _told_in_sentences(node: ast.AST) -> Iterator[ast.expr]:
    """What people read because of whom it is given to; a single word there is a key."""
    match node:
        case ast.Call(func=function, args=args) if _told_to(function):
            yield from args
        case ast.Raise(exc=ast.Call(func=ast.Name(id=str(name)), args=args)):
            if name.endswith("Error") and name not in OF_OPERATORS:
                yield from args


def _is_field(function: ast.expr) -> bool:
    """Whether it makes a field of a model, whose first argument is its name."""
    match function:
        case ast.Attribute(value=ast.Name(id="models"), attr=name) | ast.Name(id=name):
            return name.endswith("Field") and not name.startswith("Bound")
    return False


def _told_to(function: ast.expr) -> bool:
    match function:
        case ast.Attribute(value=ast.Name(id="logger")):
            return False
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in TOLD_TO
    return False


def _is_choices(node: ast.ClassDef) -> bool:
    return any(ast.unparse(base).endswith("Choices") for base in node.bases)


def _plain(value: ast.expr) -> Iterator[str]:
    """The words in an expression that go through no translator."""
    match value:
        case ast.Constant(value=str(text)) if WORD.search(text):
            yield text
        case ast.JoinedStr(values=parts):
            texts = [p.value for p in parts if isinstance(p, ast.Constant)]
            if any(WORD.search(str(text)) for text in texts):
                yield ast.unparse(value)
        case ast.IfExp(body=body, orelse=orelse):
            yield from _plain(body)
            yield from _plain(orelse)
        case ast.BinOp(left=left, right=right):
            yield from _plain(left)
            yield from _plain(right)
        case ast.BoolOp(values=values) | ast.Tuple(elts=values):
            for one in values:
                yield from _plain(one)


def python_files(root: Path) -> Iterator[Path]:
    """The modules of the product that people read something of; commands speak English."""
    for room in ("advisor", "catalog", "engagements"):
        for path in sorted((root / room).rglob("*.py")):
            if not {"migrations", "management", "__pycache__"} & set(path.parts):
                yield path
