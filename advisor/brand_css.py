"""A brand as CSS: other values for the tokens, and faces, for pages and for paper."""

from advisor.brand import Brand, Serif
from advisor.colours import Shades

WEIGHTS = {"regular": (400, "normal"), "medium": (500, "normal"), "semibold": (600, "normal")}
FACES = {**WEIGHTS, "italic": (400, "italic")}

EMPTY = "/* The product's own look: no brand is set. */\n"


def css_for_pages(brand: Brand) -> str:
    """Return what follows the tokens on every page, the admin's included."""
    if not brand.folder:
        return EMPTY
    light, dark = brand.palette
    sans, serif = brand.typeface.sans, brand.typeface.serif
    rules = [_root({**light, **_families(brand, paper=False)})]
    if dark:
        rules.append(
            f"@media screen {{ @media (prefers-color-scheme: dark) {{\n{_root(dark)} }} }}\n"
        )
    faces = []
    for family, face in (("Brand Sans", sans), ("Brand Serif", serif)):
        if face:
            faces += [
                _face(family, key, f"../brand/{name}", "woff2") for key, name in face.pages if name
            ]
    return _sheet(brand, rules, faces)


def css_for_paper(brand: Brand) -> str:
    """Return what follows the tokens in every PDF."""
    if not brand.folder:
        return ""
    light = {name: colour for name, colour in brand.palette[0].items() if name != "paper"}
    sans, serif = brand.typeface.sans, brand.typeface.serif
    faces = []
    for family, face in (("Brand Sans", sans), ("Brand Serif", serif)):
        if face:
            faces += [
                _face(family, key, f"asset:brand/{name}", "truetype")
                for key, name in face.paper
                if name
            ]
    icon = f'@layer utilities {{ .firm {{ background-image: url("asset:{brand.icon}"); }} }}\n'
    rules = [_root({**light, **_families(brand, paper=True)})]
    return _sheet(brand, rules, faces) + (icon if brand.logo else "")


def _sheet(brand: Brand, rules: list[str], faces: list[str]) -> str:
    return f"/* {brand.digest} */\n{''.join(faces)}@layer tokens {{\n{''.join(rules)}}}\n"


def _root(tokens: Shades) -> str:
    return f":root {{ {' '.join(f'--{name}: {value};' for name, value in tokens.items())} }}\n"


def _families(brand: Brand, *, paper: bool) -> Shades:
    """The families by name of their token; on paper there are only those that we bring."""
    found: Shades = {}
    if sans := brand.typeface.sans:
        rest = '"Inter"' if paper else sans.fallback
        found["font-sans"] = f'"Brand Sans", {rest}'
    if serif := brand.typeface.serif:
        rest = '"Source Serif 4"' if paper else serif.fallback
        found["font-serif"] = f'"Brand Serif", {rest}'
        found["font-quote"] = f'"Brand Serif", {rest}' if paper or _quotes(serif) else rest
    return found


def _quotes(serif: Serif) -> bool:
    """Whether pages have more of the serif than its headings."""
    return serif.pages.regular is not None


def _face(family: str, key: str, url: str, kind: str) -> str:
    weight, style = FACES[key]
    return (
        f'@font-face {{ font-family: "{family}"; font-style: {style}; font-weight: {weight}; '
        f'font-display: swap; src: url("{url}") format("{kind}"); }}\n'
    )
