"""The product on a server of its own, as in production, on a database that is thrown away."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

TOP = Path(__file__).resolve().parent.parent
SERVER = (
    *("--interface", "wsgi", "--no-ws", "--log-level", "error"),
    *("--workers", "2", "--blocking-threads", "4", "--backpressure", "64"),
    *("--workers-kill-timeout", "3", "advisor.wsgi:application"),
)
"""As README says to serve it, on one machine."""


@dataclass(frozen=True)
class Site:
    """A running server: its port, addresses by name, and how often pages ask the database."""

    port: int
    hrefs: dict[str, str]
    queries: dict[str, int]

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, href: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers in lower case and body as they come over the wire."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", href, headers=headers)
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, told, answer.read()


@contextmanager
def serving() -> Iterator[Site]:
    """Serve made-up buyers with production settings, and with its static files compressed."""
    with TemporaryDirectory() as folder:
        environ = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "benchmarks.web_settings",
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "STATIC_ROOT": f"{folder}/static",
            "BRIEFS_ROOT": f"{folder}/briefs",
        }
        environ.pop("DJANGO_DEBUG", None)
        collect = ("manage.py", "collectstatic", "--no-input", "--verbosity", "0")
        _python(*collect, environ=environ)
        told: dict[str, Any] = json.loads(_python("-m", "benchmarks.web_buyers", environ=environ))
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "granian", "--port", str(port), *SERVER]
        with subprocess.Popen(command, cwd=TOP, env=environ) as server:
            try:
                site = Site(port, told["hrefs"], told["queries"])
                _wait_for(site)
                yield site
            finally:
                server.terminate()


def _python(*arguments: str, environ: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=TOP,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def _wait_for(site: Site) -> None:
    for _ in range(300):
        try:
            site.get("/floor/constant/")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The server did not start within 30 seconds.")
