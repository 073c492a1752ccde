"""Shoot every page, at a desk and on a phone, in light and in dark: `make screenshots`.

Everything happens in a database and at a moment of its own, so that the same pages give the same
pictures. `make screenshots ONLY="home queue"` shoots these pages only.
"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from unittest.mock import patch

HERE = Path(__file__).resolve().parent
os.environ |= {
    "DJANGO_DEBUG": "1",
    "DJANGO_SETTINGS_MODULE": "advisor.settings",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # Playwright keeps an event loop running
}

import django  # noqa: E402 - all of this wants the settings
from django.conf import settings  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

if TYPE_CHECKING:  # it wants the settings of `main`
    from docs.screenshots.pages import Shot, World

MOMENT = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
HOST = "advisor.example.com"
WIDTHS = {1280: 900, 390: 844}
LONGEST = {1280: 1_400, 390: 1_800}
"""Where a picture ends, in pixels; what is below it is more of the same."""
SCHEMES = ("light", "dark")
COLOURS = 24


def main(only: list[str]) -> int:
    """Shoot the pages that are named, or all; return 1 if one could not be shot."""
    missing = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/db.sqlite3"
        django.setup()
        settings.VAR, settings.BRIEFS_ROOT = folder, folder / "briefs"
        settings.DEBUG, settings.ALLOWED_HOSTS = True, [HOST, "testserver"]
        logging.disable(logging.WARNING)  # what is not there is told below
        stack.enter_context(patch("django.utils.timezone.now", lambda: MOMENT))
        from django.core.management import call_command  # noqa: PLC0415 - wants all of the above

        from docs.screenshots.pages import BUYER, STAFF, World  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        call_command("demo", verbosity=0)
        call_command("loadplaybooks", missing=True, verbosity=0)
        settings.DEBUG = False  # what goes wrong would look as it does to us only
        # Staff first: in their lists are the demo's buyers only.
        shots, world = {**STAFF, **BUYER}, World()
        browser = stack.enter_context(browsing(stack.enter_context(serving())))
        for name, shot in shots.items():
            if not only or name in only:
                href = shot.address(world)
                status = shoot(browser, name, href, shot, world)
                if status != shot.status:
                    missing.append(name)
                    sys.stderr.write(f"{name}: {status} at {href}, not shot\n")
        if not only:
            write_index({"Buyers": BUYER, "The firm's own people": STAFF}, set(missing))
    return int(bool(missing))


@contextmanager
def serving() -> Iterator[int]:
    """Serve the product and its static files from a thread; the port."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: PLC0415
    from django.test.testcases import LiveServerThread  # noqa: PLC0415

    thread = LiveServerThread("127.0.0.1", StaticFilesHandler, connections_override={})
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield thread.port
    thread.terminate()


@contextmanager
def browsing(port: int) -> Iterator[Browser]:
    """A browser for which the product is on the internet."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM"),
            args=["--no-sandbox", f"--host-resolver-rules=MAP {HOST} 127.0.0.1:{port}"],
        )


def shoot(browser: Browser, name: str, href: str, shot: "Shot", world: "World") -> int:
    """Open a page once and save it at every width and in every scheme; return its status."""
    page = browser.new_page(reduced_motion="reduce", locale="en-GB", timezone_id="UTC")
    sign_in(page, world, shot.by)
    answer = page.goto(f"http://{HOST}{href}")
    status = answer.status if answer else 0
    if status == shot.status:
        shot.first(page, world)
        page.wait_for_load_state("networkidle")
        for width, height in WIDTHS.items():
            for scheme in SCHEMES:
                page.set_viewport_size({"width": width, "height": height})
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                save(page, name, width, scheme)
    page.context.close()
    return status


def sign_in(page: Page, world: "World", who: str) -> None:
    """Give the browser the session of one of the demo's people."""
    from django.test import Client  # noqa: PLC0415

    if who:
        client = Client()
        client.force_login(world.person(who))
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": f"http://{HOST}"}]
        )


def save(page: Page, name: str, width: int, scheme: str) -> None:
    """Save the page as it is with few colours, which is all that it has."""
    page.evaluate("document.fonts.ready")
    height = page.evaluate("document.documentElement.scrollHeight")
    clip = {"x": 0, "y": 0, "width": width, "height": min(height, LONGEST[width])}
    shot = page.screenshot(full_page=True, clip=clip, animations="disabled")  # type: ignore[arg-type]
    image = Image.open(BytesIO(shot)).convert("RGB")
    # The colours that are furthest apart, or else a red word on a long page would turn grey.
    few = image.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(HERE / f"{name}-{width}-{scheme}.png", optimize=True)


def write_index(groups: dict[str, dict[str, object]], missing: set[str]) -> None:
    """Write README.md, which shows all of them."""
    lines = ["# Every page", ""]
    lines += ["Made by `make screenshots`; which pages there are is in `pages.py`.", ""]
    for title, shots in groups.items():
        lines += [f"## {title}", "", "| page | at a desk | on a phone |", "|---|---|---|"]
        for name in shots:
            if name not in missing:
                desk, phone = (
                    " · ".join(f"[{scheme}]({name}-{width}-{scheme}.png)" for scheme in SCHEMES)
                    for width in WIDTHS
                )
                lines.append(f"| {name.replace('-', ' ')} | {desk} | {phone} |")
        lines.append("")
    (HERE / "README.md").write_text("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
