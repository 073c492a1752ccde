"""What browser tests share: what is asked of every page, and how a person acts on one."""

import re
from typing import Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, Page

from tests.buyers import Response

OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
JUDGE = """async (options) => {
    // A colour on its way to another one is nobody's text colour.
    document.getAnimations().forEach((one) => one.finish());
    return (await axe.run(options)).violations;
}"""
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDE, NARROW = 1280, 390
"""How many pixels there are from left to right, at a desk and on a phone."""


with_and_without_javascript = pytest.mark.parametrize(
    "javascript",
    [
        pytest.param(True, id="with JavaScript"),
        pytest.param(
            False,
            id="without JavaScript",
            marks=pytest.mark.browser_context_args(java_script_enabled=False),
        ),
    ],
)


def heading(page: Page) -> Locator:
    """The page's one main heading."""
    return page.get_by_role("heading", level=1)


def press(page: Page, name: str) -> None:
    """Click a button by its name."""
    page.get_by_role("button", name=name, exact=True).click()


def violations(page: Page) -> list[str]:
    """What axe finds wrong with a page as it is now, in words; in light and in dark."""
    found = []
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for rule in page.evaluate(JUDGE, OPTIONS):
            places = "; ".join(" ".join(node["target"]) for node in rule["nodes"])
            found.append(f"{scheme}: {rule['id']}: {rule['help']}: {places}")
    return found


def open_all(page: Page) -> None:
    """Unfold what is folded."""
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")


def sticking_out(page: Page, width: int) -> list[str]:
    """What is wider than the screen at this width; what scrolls in its own place is not."""
    page.set_viewport_size({"width": width, "height": 900})
    if page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        return []
    wider: list[str] = page.evaluate("""
        [...document.querySelectorAll("body *")]
            .filter((one) => one.getBoundingClientRect().right > innerWidth)
            .map((one) => `${one.tagName} ${one.id} ${one.className}`)
    """)
    return ["the page", *wider]


def assert_is_safe(response: Response) -> None:
    """What keeps a page safe on the open internet is in its headers."""
    policy = response["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'")
    assert "unsafe" not in policy
    assert "*" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    if response["Content-Type"].startswith("text/html"):
        body = response.content.decode()
        assert not re.search(r"<[^>]* (style|on\w+)=", body)
        assert not re.search(r"<(script|style)(?![^>]*(nonce|src)=)", body)
