"""What a visit weighs over the wire, and whether the page moves while it loads."""

import os
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, Request, Route, sync_playwright

from benchmarks.figures import Figure, absolute
from benchmarks.serving import Site

KIB = 1000
FIRST_PAGE, FIRST_VIEW, PARTIAL = 60, 25, 6
PHONE = {"width": 390, "height": 844}
SLOW = 800  # milliseconds that a font is late

SHIFTS = """
    window.shifted = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) { window.shifted += entry.value; }
    }).observe({type: "layout-shift", buffered: true});
"""


def weights(site: Site) -> Iterator[Figure]:
    """Yield what the first pages and a step weigh, in kB, and how much the page moves."""
    with sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, goal in {"start": FIRST_PAGE, "question": FIRST_PAGE}.items():
            parts = parts_of(browser, site.url + site.hrefs[name])
            yield _kilobytes(f"weight: {name} with everything", sum(parts.values()), goal)
            styles = sum(part.endswith(".css") for part in parts)
            scripts = sum(part.endswith(".js") for part in parts)
            yield absolute(f"weight: stylesheets of {name}", [styles], "", goal=1)
            yield absolute(f"weight: scripts of {name}", [scripts], "", goal=2)
        home = parts_of(browser, site.url + site.hrefs["home"])
        besides = sum(size for part, size in home.items() if not part.endswith(".woff2"))
        yield _kilobytes("weight: first view besides fonts", besides, FIRST_VIEW)
        partial = on_the_wire(site, site.hrefs["question"], **{"HX-Request": "true"})
        yield _kilobytes("weight: partial of a step", partial, PARTIAL)
        for name in ("home", "start", "question", "recommendation"):
            moved = shift(browser, site.url + site.hrefs[name])
            yield absolute(f"weight: layout shift of {name} at 390 px", [moved], "", goal=0)
        browser.close()


def parts_of(browser: Browser, url: str) -> dict[str, int]:
    """Everything that a browser fetches for a page when it has nothing yet: bytes by address."""
    page = browser.new_page(viewport=PHONE)
    fetched: list[Request] = []

    def note(request: Request) -> None:
        fetched.append(request)

    page.on("requestfinished", note)
    page.goto(url, wait_until="networkidle")
    parts = {request.url: request.sizes() for request in fetched}
    page.close()
    return {url: s["responseHeadersSize"] + s["responseBodySize"] for url, s in parts.items()}


def on_the_wire(site: Site, href: str, **headers: str) -> int:
    """How many bytes an answer takes compressed, with its headers."""
    status, told, packed = site.get(href, **headers, **{"Accept-Encoding": "br, gzip"})
    if status != 200:
        raise RuntimeError(f"{href}: {status}")
    return len(packed) + sum(len(name) + len(value) + 4 for name, value in told.items())


def shift(browser: Browser, url: str) -> float:
    """How much a page moves on a phone while its fonts are late, as Chromium counts it."""
    page = browser.new_page(viewport=PHONE)

    def late(route: Route) -> None:
        page.wait_for_timeout(SLOW)
        route.continue_()

    page.route("**/*.woff2", late)
    page.add_init_script(SHIFTS)
    page.goto(url, wait_until="networkidle")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(300)
    moved: float = round(page.evaluate("window.shifted"), 4)
    page.close()
    return moved


def _kilobytes(name: str, size: int, goal: int) -> Figure:
    return absolute(name, [size / KIB], "kB", goal=goal)
