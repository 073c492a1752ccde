"""What a visit weighs over the wire, and whether the page moves while it loads."""

import os
import re
import shutil
from collections.abc import Iterator
from urllib.parse import urljoin

from playwright.sync_api import Route, sync_playwright

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
    for name, goal in {"start": FIRST_PAGE, "question": FIRST_PAGE}.items():
        parts = parts_of(site, site.hrefs[name])
        yield _kilobytes(f"weight: {name} with everything", sum(parts.values()), goal)
        styles = sum(part.endswith(".css") for part in parts)
        scripts = sum(part.endswith(".js") for part in parts)
        yield absolute(f"weight: stylesheets of {name}", [styles], "", goal=1)
        yield absolute(f"weight: scripts of {name}", [scripts], "", goal=2)
    home = parts_of(site, site.hrefs["home"])
    besides = sum(size for part, size in home.items() if not part.endswith(".woff2"))
    yield _kilobytes("weight: first view besides fonts", besides, FIRST_VIEW)
    partial = on_the_wire(site, site.hrefs["question"], **{"HX-Request": "true"})
    yield _kilobytes("weight: partial of a step", partial[1], PARTIAL)
    for name, shift in shifts(site).items():
        yield absolute(f"weight: layout shift of {name} at 390 px", [shift], "", goal=0)


def parts_of(site: Site, href: str) -> dict[str, int]:
    """The page at an address and everything that it makes a browser fetch: bytes by address."""
    body, size = on_the_wire(site, href)
    parts = {href: size}
    found = re.findall(rb'<(?:link|script)[^>]* (?:href|src)="(/static/[^"]+)"', body)
    waiting = [path.decode() for path in found]
    while waiting:
        path = waiting.pop()
        if path in parts:
            continue
        body, parts[path] = on_the_wire(site, path)
        if path.endswith(".css"):
            # Faces are fetched where they are used; all of ours are on the first page.
            urls = re.findall(rb'url\(["\']?([^"\')]+)', body)
            waiting += [urljoin(path, url.decode()) for url in urls if not url.startswith(b"data:")]
    return parts


def on_the_wire(site: Site, href: str, **headers: str) -> tuple[bytes, int]:
    """The body of an answer, and how many bytes it takes compressed, with its headers."""
    status, _told, body = site.get(href, **headers)
    if status != 200:
        raise RuntimeError(f"{href}: {status}")
    _status, told, packed = site.get(href, **headers, **{"Accept-Encoding": "br, gzip"})
    return body, len(packed) + sum(len(name) + len(value) + 4 for name, value in told.items())


def shifts(site: Site) -> dict[str, float]:
    """How much each page moves on a phone while its fonts are late, as Chromium counts it."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")

    def late(route: Route) -> None:
        page.wait_for_timeout(SLOW)
        route.continue_()

    found = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name in ("home", "start", "question", "recommendation"):
            page = browser.new_page(viewport=PHONE)
            page.route("**/*.woff2", late)
            page.add_init_script(SHIFTS)
            page.goto(site.url + site.hrefs[name], wait_until="networkidle")
            page.evaluate("document.fonts.ready")
            page.wait_for_timeout(300)
            found[name] = round(page.evaluate("window.shifted"), 4)
            page.close()
        browser.close()
    return found


def _kilobytes(name: str, size: int, goal: int) -> Figure:
    return absolute(name, [size / KIB], "kB", goal=goal)
