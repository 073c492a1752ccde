"""How a brief becomes a PDF: what the file is, and what happens when it cannot be made."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO, StringIO
from pathlib import Path
from signal import SIGKILL
from typing import get_args

import page
import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.test import override_settings
from pydyf import PDF, Dictionary, Stream
from pypdf import PdfReader
from pytest_django.fixtures import Settings

from advisor.loading import dump
from advisor.offers import Party
from advisor.rules import compile_playbook
from engagements import pdf, pdf_worker, press
from engagements.brief import Brief, Contact
from engagements.manual import Manual
from engagements.pack import Pack
from engagements.pdf import PdfError, pdf_of
from engagements.pdf_worker import Worker, WorkerError
from engagements.press import asset_path, printable
from tests import test_what_would_change as what_would_change
from tests.factories import engagement, question, signal, small_document, small_playbook
from tests.offers import BUYERS, care_playbook
from tests.scenarios import ROOT
from tests.test_brief import (
    AUDIT,
    ENTRY,
    PATHWAY,
    SAMPLES,
    a_brief,
    brief_of,
    sample,
    with_details,
)

STATIC = django_settings.BASE_DIR / "static"
ENVIRON = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "tests.settings"}
LARGEST = 150_000

LONG = "Something that takes a whole line and then goes on for quite a while. " * 4
HOSTILE = (
    "<script>alert(1)</script><img src='file:///etc/passwd'> & \x00\x1b "
    "שלום مرحبا 王伟 😀 👩\u200d💻 \u202eabc e\u0301\u0327 " + "W" * 3000
)


def rich() -> Brief:
    """The brief of a sample buyer with scope details, the longest of them."""
    return max(map(sample, SAMPLES), key=lambda brief: len(brief.model_dump_json()))


def long() -> Brief:
    """More of everything than any playbook of ours has."""
    extra = [
        {**signal(f"extra-{n}", {"cause": ["unknown"]}, {"evidence": 1}), "title": LONG[:299]}
        for n in range(20)
    ]
    audit = engagement(
        "audit",
        1,
        "decide",
        ["evidence"],
        title=LONG[:290],
        commercial_shape="W" * 290,
        deliverables=[LONG[:290]] * 40,
        boundaries=["W" * 290] * 12,
        operating_model=(LONG * 20)[:3900],
        cadence=[{"when": LONG[:290], "what": LONG[:290]}] * 20,
        covers=[LONG[:290]] * 40,
        other_prices=[{"title": LONG[:290], "currency": "EUR", "least": 10**8, "unit": "W" * 290}]
        * 20,
        separate_scope=[{"what": LONG[:290], "becomes": "W" * 290}] * 20,
        service_level={
            "coverage": LONG[:290],
            "channels": [LONG[:290]] * 40,
            "uptime": "99.999",
            "severities": [
                dict.fromkeys(("title", "meaning", "response", "resolution", "updates"), "W" * 290)
            ]
            * 8,
            "credits": [{"missed_by": LONG[:290], "credit": "W" * 290}] * 8,
            "credit_limit": "W" * 290,
        },
        responsibilities=[
            {"task": f"{n} {LONG}"[:290], "party": party, "note": "W" * 290}
            for n, party in enumerate([*Party] * 8)
        ],
        process=[
            {"title": "W" * 290, "activities": [LONG[:290]] * 40, "outcome": LONG[:290]},
            {"title": LONG[:290], "when": LONG[:290], "summary": (LONG * 20)[:3900]},
        ]
        * 3,
        training=[{"title": "W" * 290, "hours": 80, "topics": [LONG[:290]] * 40}] * 4,
        escalation_path=[{"who": LONG[:290], "when": "W" * 290, "reach": LONG[:290]}] * 10,
    )
    details = [question(f"q{n:02}", kind="text", section="details") for n in range(20)]
    parts = with_details(
        *details,
        signals=[*small_document()["signals"], *extra],
        engagements=[audit, *small_document()["engagements"][1:]],
    )
    given = {f"q{n:02}": (LONG * 20)[:3900] for n in range(19)} | {"q19": HOSTILE}
    contact = Contact(name="N" * 200, firm=LONG, email="e" * 200)
    return a_brief({**AUDIT, **given}, contact=contact, **parts)


@pytest.fixture(scope="session")
def rich_brief() -> Brief:
    return rich()


@pytest.fixture(scope="session")
def rich_pdf(rich_brief: Brief, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file of the rich brief, made once for all tests."""
    with override_settings(BRIEFS_ROOT=tmp_path_factory.mktemp("rich") / "briefs"):
        yield pdf_of(rich_brief)
    pdf.worker.stop()


@pytest.fixture
def worker() -> Iterator[Worker]:
    """A worker to break."""
    worker = Worker()
    yield worker
    worker.stop()


def test_it_works(rich_pdf: Path, rich_brief: Brief) -> None:
    assert rich_pdf.stat().st_mode & 0o777 == 0o600
    assert rich_pdf.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in rich_pdf.parent.iterdir()] == [rich_pdf.name]
    reader = PdfReader(rich_pdf)
    assert reader.metadata is not None
    assert reader.metadata.title == f"Scope brief SB-2026-0417: {rich_brief.steps[0].title}"
    assert reader.metadata.author == rich_brief.firm.name
    text = " ".join(" ".join(p.extract_text() for p in reader.pages).split())
    assert rich_brief.reasons[0].because in text
    assert f"1 / {len(reader.pages)}" in text


# ---- What the file is ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "brief",
    [
        pytest.param(rich, id="rich"),
        pytest.param(lambda: a_brief(PATHWAY), id="pathway"),
        pytest.param(lambda: a_brief(ENTRY), id="entry"),
        pytest.param(lambda: sample_of("conflict"), id="conflict"),
        pytest.param(lambda: sample_of("single", emergency=True), id="emergency"),
        pytest.param(lambda: of_the_offer("tier-2"), id="service level and all"),
        pytest.param(lambda: of_the_offer("handover"), id="training"),
        pytest.param(lambda: of_the_offer("not offered"), id="not offered"),
        pytest.param(lambda: of_the_offer("down"), id="emergency not offered"),
        pytest.param(long, id="long and hostile"),
        pytest.param(what_would_change.a_brief, id="nothing would change it"),
        pytest.param(what_would_change.many, id="much would change it"),
    ],
)
def test_it_is_archivable_and_accessible(
    brief: Callable[[], Brief], monkeypatch: pytest.MonkeyPatch
) -> None:
    # How long it may take is shown elsewhere; the longest one takes its time on a busy machine.
    monkeypatch.setattr("engagements.pdf_worker.LIMIT_SECONDS", 120)
    path = pdf_of(brief())
    for profile in ("3a", "ua1"):
        report = page.validate_pdf(path, profile=profile)
        assert report.is_compliant, [(f.rule_id, f.message) for f in report.failures]


def sample_of(kind: str, *, emergency: bool = False) -> Brief:
    """A sample buyer's brief of this kind of outcome."""
    return next(
        brief
        for brief in map(sample, SAMPLES)
        if brief.kind == kind and bool(brief.emergency) == emergency
    )


def of_the_offer(buyer: str) -> Brief:
    """The brief of a playbook that says everything about its offers."""
    return brief_of(compile_playbook(care_playbook(), "0" * 64), BUYERS[buyer])


def test_it_is_small(rich_pdf: Path) -> None:
    assert rich_pdf.stat().st_size <= LARGEST


def test_the_recommendation_is_attached_for_programs(rich_pdf: Path, rich_brief: Brief) -> None:
    reader = PdfReader(rich_pdf)
    assert list(reader.attachments) == ["recommendation.json"]
    [attached] = reader.attachments["recommendation.json"]
    assert json.loads(attached) == rich_brief.recommendation.model_dump(mode="json")
    [embedded] = reader.attachment_list
    assert embedded.subtype == "/application/json"
    assert embedded.associated_file_relationship == "/Data"
    assert embedded.creation_date == embedded.modification_date
    assert embedded.creation_date is not None
    assert embedded.creation_date.date() == rich_brief.issued_on


def test_fonts_come_from_the_bundle_only(rich_pdf: Path) -> None:
    bundle = {path.stem.partition("-")[0] for path in STATIC.glob("fonts/*.ttf")}
    fonts = [
        ref.get_object() for ref in PdfReader(rich_pdf).pages[0]["/Resources"]["/Font"].values()
    ]
    names = {re.sub(r".*\+|-", "", font["/BaseFont"]) for font in fonts}
    assert len(names) > 3
    assert [name for name in names if not name.startswith(tuple(bundle))] == []
    assert all("/FontFile2" in font["/DescendantFonts"][0]["/FontDescriptor"] for font in fonts)


def test_two_processes_make_the_same_bytes_once_and_without_weasyprint(
    rich_pdf: Path, rich_brief: Brief, tmp_path: Path
) -> None:
    """Both ask at once for what nobody has made yet; the web process never loads WeasyPrint."""
    script = (
        "import json, sys, django; django.setup()\n"
        "if __name__ == '__main__':\n"
        "    from django.conf import settings; from pathlib import Path\n"
        "    from engagements import pdf; from engagements.brief import Brief\n"
        "    settings.BRIEFS_ROOT = Path(sys.argv[1])\n"
        "    run, runs = pdf.worker.run, []\n"
        "    pdf.worker.run = lambda *args: runs.append(1) or run(*args)\n"
        "    path = pdf.pdf_of(Brief.model_validate(json.load(sys.stdin)))\n"
        "    print(len(runs), 'weasyprint' in sys.modules, path)\n"
    )
    (tmp_path / "ask.py").write_text(script)
    content = json.dumps(rich_brief.model_dump(mode="json")).encode()
    asking = [
        subprocess.Popen(
            [sys.executable, str(tmp_path / "ask.py"), str(tmp_path / "briefs")],
            env={**ENVIRON, "PYTHONPATH": str(django_settings.BASE_DIR)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for process in asking:
        assert process.stdin
        process.stdin.write(content)
        process.stdin.close()
    told = [process.stdout.read().decode().split() for process in asking if process.stdout]
    # WeasyPrint would complain there about a style that it does not understand.
    assert [process.stderr.read() for process in asking if process.stderr] == [b"", b""]
    assert [process.wait() for process in asking] == [0, 0]
    assert sorted(runs for runs, _, _ in told) == ["0", "1"]
    assert {loaded for _, loaded, _ in told} == {"False"}
    [path] = {Path(path) for _, _, path in told}
    assert path.name == rich_pdf.name
    assert path.read_bytes() == rich_pdf.read_bytes()


def test_no_stream_ends_like_a_line() -> None:
    """One that does seems shorter than it says; about every seventh brief would have one."""
    document = PDF()
    document.add_object(Stream([b"<rdf:RDF></rdf:RDF>"], compress=True))
    document.catalog["Metadata"] = document.objects[-1].reference
    for n in range(256):
        document.add_object(Stream([b"A glyph", bytes([n])], compress=True))
    press.finish(None, document)
    streams = [item for item in document.objects if isinstance(item, Stream)]
    assert any(not stream.compress for stream in streams[1:])
    ends = {stream.data.removesuffix(b"\nendstream")[-1:] for stream in streams}
    assert not ends & {b"\r", b"\n"}
    assert b"<pdfuaid:part>1</pdfuaid:part>" in streams[0].data


def test_no_stream_that_comes_last_ends_like_a_line_either() -> None:
    """Two are added while a file is written; about every sixtieth file would have one."""
    wrong = []
    for n in range(1000):
        document = PDF()
        document.add_object(Stream([b"<rdf:RDF></rdf:RDF>"]))
        document.catalog["Metadata"] = document.objects[-1].reference
        document.add_object(Dictionary({"N": n}))
        press.finish(None, document)
        file = BytesIO()
        document.write(file, version=b"1.7", identifier=b"id", compress=True)
        told = file.getvalue()
        ends = re.findall(rb"(.)\nendstream", told, re.DOTALL)
        assert len(ends) == 3
        if {b"\r", b"\n"} & set(ends):
            wrong.append(n)
        assert PdfReader(BytesIO(told)).metadata is None
    assert wrong == []


# ---- Made once -----------------------------------------------------------------------------


def test_what_has_been_made_is_not_made_again(
    rich_brief: Brief, rich_pdf: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BRIEFS_ROOT = rich_pdf.parent
    monkeypatch.setattr(pdf.worker, "run", None)
    assert pdf_of(rich_brief) == rich_pdf
    # Databases give the keys of an object back in their own order.
    stored = dict(reversed(rich_brief.model_dump(mode="json").items()))
    assert pdf_of(Brief.model_validate(stored)) == rich_pdf


def test_what_says_or_looks_otherwise_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf.worker, "run", lambda *_: b"%PDF")
    brief = a_brief()
    paths = {pdf_of(brief), pdf_of(brief.model_copy(update={"version": 2}))}
    monkeypatch.setattr(pdf, "version", lambda _: "71.0")
    pdf._design.cache_clear()  # noqa: SLF001 - as in another process
    paths.add(pdf_of(brief))
    pdf._design.cache_clear()  # noqa: SLF001
    assert len(paths) == 3


def test_code_that_words_a_page_is_part_of_its_key() -> None:
    """A change of a property that a template reads would otherwise print nothing anew."""
    modules: set[str] = set()
    met: set[object] = set()
    left: list[object] = [Brief, Manual, Pack]
    while left:
        kind = left.pop()
        if kind in met:
            continue
        met.add(kind)
        left += get_args(kind)
        if isinstance(kind, type) and (home := kind.__module__).startswith(("advisor", "engagem")):
            modules.add(home)
            left += kind.__mro__
            left += [f.annotation for f in getattr(kind, "model_fields", {}).values()]
    files = {str(Path(sys.modules[name].__file__ or "").relative_to(ROOT)) for name in modules}
    assert "advisor/offers.py" in files
    assert files <= set(pdf.WORDING)


def test_templates_and_tags_that_word_a_page_are_part_of_its_key() -> None:
    folder = ROOT / "templates"
    sources = {path: path.read_text() for glob in pdf.TEMPLATES for path in folder.glob(glob)}
    told = "\n".join(sources.values())
    used = {folder / name for name in re.findall(r'{% (?:include|extends) "([^"]+)"', told)}
    assert used <= set(sources)
    tags = {tag for tags in re.findall(r"{% load (.+?) %}", told) for tag in tags.split()}
    assert "offers" in tags
    django = {"i18n", "l10n", "static", "tz"}
    assert {f"engagements/templatetags/{tag}.py" for tag in tags - django} <= set(pdf.WORDING)


def test_many_who_ask_at_once_wait_for_one_render(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []

    def run(*_: object) -> bytes:
        runs.append(1)
        time.sleep(0.2)
        return b"%PDF"

    monkeypatch.setattr(pdf.worker, "run", run)
    brief = a_brief()
    with ThreadPoolExecutor(8) as threads:
        paths = set(threads.map(lambda _: pdf_of(brief), range(8)))
    assert len(paths) == len(runs) == 1


def test_no_half_file_is_left(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(pdf.worker, "run", lambda *_: "no bytes")
    with pytest.raises(TypeError):
        pdf_of(a_brief())
    assert list(Path(settings.BRIEFS_ROOT).iterdir()) == []


def test_a_place_that_cannot_be_written(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "file").touch()
    settings.BRIEFS_ROOT = tmp_path / "file"
    with pytest.raises(PdfError, match=r"^The brief could not be stored on our side\.$"):
        pdf_of(a_brief())


# ---- What it may read and link to ----------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "/etc/passwd",
        "http://127.0.0.1/",
        "https://example.com/x.css",
        "data:text/plain,x",
        "asset:../manage.py",
        "asset:..%2Fmanage.py",
        "asset:/etc/passwd",
        "asset:fonts/../../manage.py",
        "",
    ],
)
def test_it_reads_nothing_but_its_own_assets(url: str) -> None:
    with pytest.raises(ValueError, match="is no asset of a brief"):
        asset_path(STATIC, url)


def test_an_asset_is_a_file_of_ours() -> None:
    assert asset_path(STATIC, "asset:css/brief.css") == STATIC / "css/brief.css"
    for name in ("tokens", "fonts-print", "brief"):
        assert "@import" not in (STATIC / f"css/{name}.css").read_text()


REFUSED = [
    "<img src='file:///etc/passwd' alt='x'>",
    "<img src='asset:../manage.py' alt='x'>",
    "<link rel='attachment' href='file:///etc/passwd'>",
    "<style>p { background: url(http://127.0.0.1:9/) }</style><p>x",
    "<style>@import url(file:///etc/passwd);</style><p>x",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='http://example.com'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
]


@pytest.fixture(scope="module")
def refusals() -> dict[str, str]:
    """What printing each of the documents ends with; in one process, because it starts slowly."""
    script = (
        "import json, sys\n"
        "from datetime import date\n"
        "from pathlib import Path\n"
        "from engagements.press import print_html\n"
        "def refusal(body):\n"
        "    try:\n"
        "        html = '<html lang=en><title>x</title>' + body\n"
        "        print_html(Path(sys.argv[1]), html, '{}', date(2026, 1, 1))\n"
        "    except BaseException as error:\n"
        "        return f'{type(error).__name__}: {error}'\n"
        "print(json.dumps({body: refusal(body) for body in json.load(sys.stdin)}))\n"
    )
    asked = json.dumps(["<p>x", *REFUSED])
    done = subprocess.run(
        [sys.executable, "-c", script, str(STATIC)],
        env={**ENVIRON, "PYTHONPATH": str(django_settings.BASE_DIR)},
        input=asked,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("body", REFUSED)
def test_a_document_that_asks_for_more_is_refused(body: str, refusals: dict[str, str]) -> None:
    assert refusals["<p>x"] is None
    assert re.match(r'FatalURLFetchingError: Error fetching "|ValueError: .*links', refusals[body])


def test_characters_that_no_font_has_are_boxes() -> None:
    assert printable("a😀\u200d\u0301b\nc", "abc") == "a□b\nc"


# ---- When it goes wrong --------------------------------------------------------------------


def test_a_render_that_takes_too_long(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_worker, "LIMIT_SECONDS", 1)
    first = worker.run(os.getpid)
    began = time.monotonic()
    with pytest.raises(WorkerError, match=r"^could not be made within 1 seconds\.$"):
        worker.run(time.sleep, 60)
    assert time.monotonic() - began < 5
    assert worker.run(os.getpid) != first


def test_a_worker_found_dead_is_replaced_without_a_word(worker: Worker) -> None:
    first = worker.run(os.getpid)
    os.kill(first, SIGKILL)
    assert worker.run(os.getpid) != first


def test_a_render_that_kills_the_worker(worker: Worker) -> None:
    with pytest.raises(WorkerError, match="because the process that makes it stopped"):
        worker.run(os._exit, 1)
    assert worker.run(int, "1") == 1


def test_a_render_that_takes_all_memory(worker: Worker) -> None:
    with pytest.raises(WorkerError, match="because of an error of ours") as error:
        worker.run(bytearray, 2 * pdf_worker.LIMIT_BYTES)
    assert "MemoryError" in "".join(error.value.__notes__)


def test_workers_are_replaced_after_a_while(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf_worker, "RENDERS_PER_WORKER", 1)
    assert worker.run(os.getpid) != worker.run(os.getpid)


def test_a_worker_ends_with_a_web_process_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, time, django; django.setup()\n"
        "if __name__ == '__main__':\n"
        "    from engagements import pdf\n"
        "    print(pdf.worker.run(os.getpid), flush=True)\n"
        "    time.sleep(60)\n"
    )
    (tmp_path / "ask.py").write_text(script)
    web = subprocess.Popen(
        [sys.executable, str(tmp_path / "ask.py")],
        env={**ENVIRON, "PYTHONPATH": str(django_settings.BASE_DIR), "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert web.stdout
    worker = int(web.stdout.readline())
    assert list(tmp_path.glob("briefs-*"))
    web.kill()
    web.wait()
    deadline = time.monotonic() + 5
    while list(tmp_path.glob("briefs-*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert list(tmp_path.glob("briefs-*")) == []
    status = Path(f"/proc/{worker}/stat")
    time.sleep(0.1)
    assert not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z"


# ---- From the shell ------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a playbook and files of answers."""
    (tmp_path / "small.toml").write_text(dump(small_playbook()))
    (tmp_path / "audit.json").write_text(json.dumps(AUDIT))
    (tmp_path / "some.json").write_text('{"cause": "known"}')
    return tmp_path


def test_the_command_writes_a_brief(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(
        pdf.worker, "run", lambda _job, _static, html, *_: told.append(html) or b"%PDF"
    )
    out = StringIO()
    call_command(
        "brief",
        str(folder / "small.toml"),
        str(folder / "audit.json"),
        output=str(folder / "brief.pdf"),
        firm="Halden Freight",
        name="Ingrid Solheim",
        stdout=out,
    )
    assert (folder / "brief.pdf").read_bytes() == b"%PDF"
    assert out.getvalue() == f"Wrote {folder / 'brief.pdf'}\n"
    [html] = told
    assert "DRAFT, version 1" in html
    assert "for Halden Freight" in html
    assert "Ingrid Solheim" in html
    assert "unpublished" in html


@pytest.mark.parametrize(
    ("answers", "output", "told"),
    [
        pytest.param(
            "some.json",
            "brief.pdf",
            r"still possible: Engagement audit; Engagement project\. Answer 'work' next: Question",
            id="not settled",
        ),
        pytest.param("audit.json", "absent/brief.pdf", "cannot be written", id="no folder"),
        pytest.param("audit.json", ".", "cannot be written", id="a folder"),
    ],
)
def test_the_command_says_why_there_is_no_brief(
    folder: Path, monkeypatch: pytest.MonkeyPatch, answers: str, output: str, told: str
) -> None:
    monkeypatch.setattr(pdf.worker, "run", lambda *_: b"%PDF")
    before = sorted(folder.iterdir())
    with pytest.raises(CommandError, match=told):
        call_command(
            "brief",
            str(folder / "small.toml"),
            str(folder / answers),
            output=str(folder / output),
        )
    assert sorted(p for p in folder.iterdir() if p.name != "briefs") == before


def test_the_command_wants_to_know_where_to_write() -> None:
    with pytest.raises(CommandError, match="-o/--output"):
        call_command("brief", "small.toml", "audit.json")
