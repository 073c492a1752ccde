"""Which tests run on PostgreSQL too: those of what a database may do in its own way.

Everything else asks Django for what every database gives alike, and the tests with every page and
every form (`test_permissions.py`) would still meet a query that only SQLite takes. What runs in
transactions of its own, such as people at the same time, is added by `conftest.py` wherever it is.
"""

ON_POSTGRES = {
    "test_continuing.py": "a line of assessments is locked as one",
    "test_demo.py": "the whole product writes a quarter of a year, in transactions in transactions",
    "test_desk.py": "search without regard to case, filters over joined tables, order and paging",
    "test_desk_downloads.py": "long lists are read in parts, in the order that the database gives",
    "test_drafts.py": "rows come back in the order of the playbook, and JSON as it was written",
    "test_groups.py": "migrations grant rights",
    "test_handover.py": "ticks are locked, and the same tick twice is refused by a constraint",
    "test_immutable.py": "triggers are written in the database's own language",
    "test_linked_briefs.py": "briefs are numbered under locks",
    "test_permissions.py::test_who_may_open_what[superuser]": "every address is read once",
    "test_permissions.py::test_who_may_send_what[superuser]": "every form is written once",
    "test_proof_gate.py": "proofs are made before a transaction, and asked for within it",
    "test_publishing.py": "versions are numbered under locks and by a constraint",
    "test_query_counts.py": "locks and savepoints count as queries",
    "test_queue.py": "search, filters, and 100,000 rows in the order of an index",
    "test_reviewing.py": "reviews are numbered under locks and by a constraint",
    "test_saving.py": "answers are kept in JSON, one row each",
    "test_upgrade.py": "migrations change what is there",
}
"""A file, or one test of it, and what of it depends on the database."""


def belongs_there(nodeid: str) -> bool:
    """Whether a test is listed, by itself or with its file."""
    name = nodeid.removeprefix("tests/")
    return name in ON_POSTGRES or name.partition("::")[0] in ON_POSTGRES
