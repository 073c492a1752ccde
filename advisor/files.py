"""Write a file so that nobody ever reads half of it."""

import os
import threading
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Put a file in its place at once, whoever else reads or writes it at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
