"""The process that makes PDFs: started when first needed, limited, ended with the web process.

It knows nothing of what it runs. The web process holds a `Worker`; what stands below that runs in
the process itself, which needs neither settings nor database.
"""

import gc
import logging
import multiprocessing
import os
import resource
import shutil
import signal
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path

from advisor.speech import gettext as _
from advisor.speech import gettext_noop

LIMIT_SECONDS = 30
LIMIT_BYTES = 1 << 30
RENDERS_PER_WORKER = 200

logger = logging.getLogger(__name__)


class WorkerError(Exception):
    """A job that came to nothing.

    The message goes on after what was to be made: "could not be made within 30 seconds."
    """


# ---- In the web process --------------------------------------------------------------------


class Worker:
    """The process that prints: started when first needed, replaced when it fails."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._jobs = 0  # of this process

    def run[R](self, job: Callable[..., R], *args: object) -> R:
        """Return what the job returns in the worker; raise WorkerError when it cannot.

        One job at a time, so that a worker that dies died of this job. One that was found dead
        (the system may end it for want of memory) is replaced without a word.
        """
        with self._turn:
            try:
                return self._attempt(job, *args)
            except BrokenProcessPool:
                logger.warning("The process that makes PDFs had stopped; starting another.")
            try:
                return self._attempt(job, *args)
            except BrokenProcessPool as error:
                logger.exception("The process that makes PDFs stopped twice.")
                raise WorkerError(
                    _("could not be made, because the process that makes it stopped.")
                ) from error

    def _attempt[R](self, job: Callable[..., R], *args: object) -> R:
        began = time.monotonic()
        try:
            return self._started().submit(_limited, LIMIT_SECONDS, job, *args).result()
        except BrokenProcessPool as error:
            self.stop()
            if time.monotonic() - began < LIMIT_SECONDS:
                raise
            logger.exception("A PDF took longer than %s seconds.", LIMIT_SECONDS)
            told = _("could not be made within {seconds} seconds.")
            raise WorkerError(told.format(seconds=LIMIT_SECONDS)) from error
        except WorkerError:
            self.stop()  # a failed render may have left anything behind
            logger.exception("A PDF could not be made.")
            raise

    def stop(self) -> None:
        """End the worker; the next job starts another."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        if self._folder is not None:
            self._folder.cleanup()
        self._pool = self._folder = None
        self._jobs = 0

    def _started(self) -> ProcessPoolExecutor:
        # The pool could count as well (`max_tasks_per_child`), but its thread then fails when the
        # pool is stopped at the moment at which it replaces a process.
        if self._jobs >= RENDERS_PER_WORKER:
            self.stop()
        self._jobs += 1
        if self._pool is None:
            self._folder = tempfile.TemporaryDirectory(prefix="briefs-", ignore_cleanup_errors=True)
            self._pool = ProcessPoolExecutor(
                max_workers=1,
                # A fork would copy the web process with its threads and their locks.
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_start,
                initargs=(Path(self._folder.name),),
            )
        return self._pool


# ---- In the worker -------------------------------------------------------------------------


def _start(folder: Path) -> None:
    """Set the limits that hold for every job of this process."""
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # an alarm ends the process, also in C code
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold a buyer's answers
    with suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))
    tempfile.tempdir = str(folder)  # the parent removes it, however this process ends
    gc.disable()  # a pause in the middle of a render costs up to half of it


def _end_with_parent(folder: Path) -> None:
    """End when the web process has ended, even if it was killed and could tell nobody."""
    if parent := multiprocessing.parent_process():
        parent.join()
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)


def _limited[R](seconds: int, job: Callable[..., R], *args: object) -> R:
    """Run a job, or end the process when that takes longer than so many seconds."""
    signal.alarm(seconds)
    try:
        return job(*args)
    except BaseException as error:  # noqa: BLE001 - WeasyPrint has one that is no Exception
        # Only words may cross: to receive the error, the web process would import WeasyPrint.
        told = WorkerError(gettext_noop("could not be made, because of an error of ours."))
        told.add_note("".join(traceback.format_exception(error)))
        raise told from None
    finally:
        signal.alarm(0)
        gc.collect()
