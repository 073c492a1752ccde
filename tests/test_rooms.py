"""The rooms of the code: what may import what, and what lies at the top of the project."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios import ROOT

ROOMS = ("advisor", "catalog", "engagements")
WIRING = {
    f"advisor.{name}"
    for name in (
        *("settings", "urls", "accounts", "mailers", "logs", "wsgi", "asgi"),
        *("brand", "brand_checks", "brand_css", "bundles"),
    )
}
"""The part of `advisor` that puts the product together: it knows of Django."""

OUTER_WORLD = """
    asyncio builtins concurrent ctypes datetime email fcntl fileinput ftplib getpass glob http
    importlib io locale logging mmap multiprocessing os pathlib pickle platform pty queue random
    runpy sched secrets select selectors shelve shutil signal smtplib socket socketserver sqlite3
    ssl subprocess sys tempfile threading time urllib uuid warnings webbrowser zoneinfo
    httpx psycopg requests
"""
"""What the rules have no business with: files, network, clock, chance, log, other programs."""

OUTER_CALLS = {"__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print"}

AT_THE_TOP = """
    manage.py advisor engagements catalog templates static fixtures tests pyproject.toml README.md
    docs benchmarks Makefile uv.lock LICENSE CHANGELOG.md
"""


def module_of(path: Path) -> str:
    """The name under which a file of the project is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def package_of(module: str) -> str:
    """The top-level package of a module."""
    return module.partition(".")[0]


MODULES = {
    module_of(path): path
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
    if "__pycache__" not in path.parts
}


def imports_of(source: str, module: str = "") -> Iterator[str]:
    """Every module that a source imports, wherever in it; also by importlib, if it says a name."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom():
                around = module.split(".")[: -node.level] if node.level else []
                origin = ".".join([*around, *([node.module] if node.module else [])])
                yield origin
                # `from catalog import models` imports catalog.models too.
                yield from (f"{origin}.{alias.name}" for alias in node.names)
            case ast.Call(
                func=ast.Attribute(attr="import_module") | ast.Name(id="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield name


def judges(module: str) -> bool:
    """Whether a module is of the product's judgement, which knows neither Django nor settings."""
    return package_of(module) == "advisor" and module not in WIRING


def forbidden_in(module: str) -> set[str]:
    """The top-level packages that a module of the product may not import."""
    room = package_of(module)
    outside = set(ROOMS[ROOMS.index(room) + 1 :])
    if judges(module):
        outside.add("django")
    if module.startswith("advisor.rules"):
        outside.update(OUTER_WORLD.split())
    if module != "engagements.press":
        outside.add("weasyprint")
    return outside


def violations_in(module: str, source: str) -> list[str]:
    """What a module imports or calls that it may not."""
    forbidden = forbidden_in(module)
    found = {name for name in imports_of(source, module) if package_of(name) in forbidden}
    if judges(module):
        found |= {name for name in imports_of(source, module) if name in WIRING}
    if module.startswith("advisor.rules"):
        found |= {
            f"{node.func.id}()"
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in OUTER_CALLS
        }
    return sorted(found)


@pytest.mark.parametrize("module", MODULES)
def test_it_works(module: str) -> None:
    assert violations_in(module, MODULES[module].read_text()) == []


def test_every_room_is_looked_at() -> None:
    looked_at = {module.rpartition(".")[0] for module in MODULES}
    assert {"advisor", "advisor.rules", "catalog", "engagements"} <= looked_at
    assert set(MODULES) > WIRING | {"engagements.press", "advisor.rules.recommend"}


@pytest.mark.parametrize(
    ("module", "source", "found"),
    [
        pytest.param(
            "advisor.loading", "import django.db", ["django.db"], id="Django in the judgement"
        ),
        pytest.param(
            "advisor.rules.deciding",
            "def decide():\n    from django.utils import timezone",
            ["django.utils", "django.utils.timezone"],
            id="inside a function",
        ),
        pytest.param(
            "advisor.settings",
            "from catalog.models import Playbook",
            ["catalog.models", "catalog.models.Playbook"],
            id="the catalog in the settings",
        ),
        pytest.param(
            "catalog.publishing",
            "import engagements.models as e",
            ["engagements.models"],
            id="up the stairs",
        ),
        pytest.param(
            "catalog.models",
            "from importlib import import_module\nimport_module('engagements.models')",
            ["engagements.models"],
            id="up the stairs by importlib",
        ),
        pytest.param(
            "advisor.answers",
            "from advisor.settings import DEBUG",
            ["advisor.settings"],
            id="settings in the judgement",
        ),
        pytest.param(
            "advisor.answers",
            "from . import settings",
            ["advisor.settings"],
            id="settings by a relative import",
        ),
        pytest.param(
            "advisor.rules.lookahead",
            "import os.path, time\nfrom pathlib import Path",
            ["os.path", "pathlib", "pathlib.Path", "time"],
            id="files and clock in the rules",
        ),
        pytest.param(
            "advisor.rules.lookahead",
            "def log(x):\n    print(x, file=open('log', 'a'))",
            ["open()", "print()"],
            id="writing from the rules without an import",
        ),
        pytest.param(
            "engagements.views",
            "from weasyprint import HTML",
            ["weasyprint", "weasyprint.HTML"],
            id="WeasyPrint in a view",
        ),
    ],
)
def test_a_planted_import_is_found(module: str, source: str, found: list[str]) -> None:
    assert violations_in(module, source) == found


@pytest.mark.parametrize(
    ("module", "source"),
    [
        pytest.param("engagements.views", "from catalog.models import Playbook", id="downstairs"),
        pytest.param("catalog.models", "import django.db, advisor.rules", id="two floors"),
        pytest.param("advisor.urls", "from django.urls import path", id="wiring"),
        pytest.param("advisor.urls", "urlpatterns = ['engagements.urls']", id="only a string"),
        pytest.param("advisor.loading", "import hashlib, json, tomllib", id="reading a text"),
        pytest.param("engagements.press", "import weasyprint", id="the place for WeasyPrint"),
        pytest.param("advisor.rules.scope", "from advisor.playbook import Stage", id="rules"),
    ],
)
def test_what_is_allowed(module: str, source: str) -> None:
    assert violations_in(module, source) == []


def test_weasyprint_has_its_one_place() -> None:
    importing = [
        module
        for module, path in MODULES.items()
        if any(package_of(name) == "weasyprint" for name in imports_of(path.read_text()))
    ]
    assert importing == ["engagements.press"]


@pytest.mark.parametrize("module", ["advisor.rules", "advisor.answers", "advisor.loading"])
def test_the_judgement_runs_without_django(module: str) -> None:
    show = f"import sys, {module}; print(sorted({{'django', *{ROOMS!r}}} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", show], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("['advisor']\n", "")


def test_the_top_of_the_project_holds_what_was_agreed() -> None:
    git = shutil.which("git")
    if not git or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    listed = subprocess.run(
        [git, "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    names = {name.split("/")[0] for name in listed}

    assert "manage.py" in names
    assert {name for name in names if not name.startswith(".")} <= set(AT_THE_TOP.split())
