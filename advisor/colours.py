"""What follows from a firm's colour, by fixed formulas, and whether it can be read.

Colours are written `#rrggbb`. Contrast is that of WCAG 2.2: 4.5 for text, 3 for graphics.
"""

import colorsys
import re
from collections.abc import Iterator, Mapping

type Shades = dict[str, str]
"""Colours of one theme by the name of their token, without its dashes in front."""

TEXT, GRAPHIC = 4.5, 3.0
WHITE, BLACK = "#ffffff", "#000000"
GROUNDS = ("paper", "surface", "sunken")
FILLED = ("accent", "accent-strong", "good", "warn", "bad")
VOICES = ("ink", "ink-2", "muted", "accent", "accent-strong")
PAIRS = (
    *((voice, ground, TEXT) for voice in VOICES for ground in (*GROUNDS, "accent-soft")),
    *(("accent-contrast", ground, TEXT) for ground in FILLED),
    *((f"panel-{voice}", "panel", TEXT) for voice in ("ink", "ink-2", "muted", "accent")),
    ("panel-accent-contrast", "panel-accent", TEXT),
    *((voice, ground, GRAPHIC) for voice in ("focus", "line-strong") for ground in GROUNDS),
    ("accent-mid", "paper", GRAPHIC),
)
"""What stands on what, and the least contrast that it needs there."""


def tokens_in(css: str) -> tuple[Shades, Shades]:
    """Return the colours that a sheet of tokens names, in light and in dark."""
    light, _, rest = css.partition("prefers-color-scheme: dark")
    dark = rest.partition("@media")[0]
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part)) for part in (light, dark)]
    return found[0], found[0] | found[1]


def contrast(one: str, other: str) -> float:
    """Return how well colours are told apart: 1 for not at all, 21 for black on white."""
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: str, other: str, share: float) -> str:
    """Return a colour with so much of another one in it."""
    parts = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def palette(
    defaults: tuple[Shades, Shades], light: Mapping[str, str], dark: Mapping[str, str]
) -> tuple[Shades, Shades]:
    """Return what differs from the defaults in both themes: given colours, and what follows.

    Of what is not given, the accent's kin follow from the accent, and the panel's from the panel,
    which itself follows from the accent, and dark from light.
    """
    if not (light or dark):
        return {}, {}
    by_day: Shades = dict(light)
    by_night: Shades = dict(dark)
    grounds = (defaults[0] | by_day, defaults[1] | by_night)
    if accent := light.get("accent"):
        by_day = _around(accent, grounds[0]) | by_day
        by_day.setdefault("panel", mix(accent, "#08131a", 0.72))
        by_night.setdefault("accent", _until(_lighter(accent), grounds[1]["surface"], 8))
    if accent := by_night.get("accent"):
        by_night = _around(accent, grounds[1]) | by_night
    if panel := by_day.get("panel"):
        by_night.setdefault("panel", mix(panel, WHITE, 0.08))
        by_day = _on_panel(panel, by_day.get("accent") or defaults[0]["accent"]) | by_day
    if panel := by_night.get("panel"):
        by_night = _on_panel(panel, by_night.get("accent") or defaults[1]["accent"]) | by_night
    return by_day, by_night


def unreadable(defaults: Shades, given: Shades) -> Iterator[tuple[str, str, float, float]]:
    """Every voice with too little contrast on a ground: both, how much, how much at least."""
    shades = defaults | given
    for voice, ground, least in PAIRS:
        if (there := contrast(shades[voice], shades[ground])) < least:
            yield voice, ground, there, least


def _around(accent: str, grounds: Shades) -> Shades:
    """What goes with an accent: away from the ground for emphasis, towards it for calm."""
    surface = grounds["surface"]
    away = BLACK if _luminance(surface) > 0.5 else WHITE
    return {
        "accent": accent,
        "accent-strong": mix(accent, away, 0.28),
        "accent-mid": _as_long_as(_towards(accent, surface), grounds["paper"], 3.2),
        "accent-soft": _as_soft_as_needed(accent, surface),
        "accent-contrast": _read_on(accent),
        "focus": _until(_towards(accent, away), surface, 4),
    }


def _on_panel(panel: str, accent: str) -> Shades:
    """What stands on the panel, which is dark in both themes."""
    bright = _until(_lighter(accent), panel, 6.5)
    return {
        "panel": panel,
        "panel-ink": WHITE,
        "panel-ink-2": mix(panel, WHITE, 0.84),
        "panel-muted": mix(mix(panel, WHITE, 0.7), bright, 0.35),
        "panel-line": mix(panel, WHITE, 0.26),
        "panel-accent": bright,
        "panel-accent-contrast": _read_on(bright),
    }


def _read_on(ground: str) -> str:
    """White, or else nearly black with a breath of the ground."""
    dark = mix(ground, BLACK, 0.86)
    return WHITE if contrast(WHITE, ground) >= TEXT else dark


def _until(steps: list[str], ground: str, ratio: float) -> str:
    """The first of the steps with so much contrast on a ground, or the last one."""
    return next((one for one in steps if contrast(one, ground) >= ratio), steps[-1])


def _as_long_as(steps: list[str], ground: str, ratio: float) -> str:
    """The last of the steps that keeps so much contrast on a ground, or the first one."""
    kept = [one for one in steps if contrast(one, ground) >= ratio]
    return kept[-1] if kept else steps[0]


def _towards(colour: str, other: str) -> list[str]:
    """The way from a colour to another one."""
    return [mix(colour, other, step / 50) for step in range(51)]


def _lighter(colour: str) -> list[str]:
    """The way from a colour to white that stays a colour for long: its hue, slowly paler."""
    hue, light, saturation = colorsys.rgb_to_hls(*(part / 255 for part in _parts(colour)))
    ways = (
        colorsys.hls_to_rgb(hue, light + (1 - light) * step / 50, saturation * (1 - step / 200))
        for step in range(51)
    )
    return ["#" + "".join(f"{round(part * 255):02x}" for part in rgb) for rgb in ways]


def _as_soft_as_needed(accent: str, surface: str) -> str:
    """The ground of what is chosen: as much of the accent as lets the accent itself be read."""
    steps = [mix(accent, surface, share / 100) for share in range(89, 101)]
    return next((one for one in steps if contrast(accent, one) >= TEXT), surface)


def _luminance(colour: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (part / 255 for part in _parts(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))
