# The work is done by the scripts in .bin/; this is the list of what there is.
.PHONY: run test test-postgres check format words bench screenshots lighthouse

# Serve on this machine in debug mode, all set-up included: make run PORT=8001
run:
	@.bin/run

# Run every test: make test ARGS="-k brief", make test DATABASE_URL=postgres://...
test:
	@.bin/test $(ARGS)

# Run the tests that depend on which database it is (tests/on_postgres.py) on a throwaway PostgreSQL
test-postgres:
	@.bin/setup --dev
	@.bin/with-postgres .venv/bin/python -m pytest -n auto --dist worksteal -m postgres $(ARGS)

# Judge style, types, templates, migrations and production settings
check:
	@.bin/check

# Mend what can be mended by itself
format:
	@.bin/format

# Find what is to be translated; write the translations into advisor/locale/*/LC_MESSAGES/*.po
words:
	@.bin/words

# Measure: make bench, make bench ONLY=rules (or lists, web); writes benchmarks/latest.json
bench:
	@.bin/bench $(ONLY)

# Shoot every page into docs/screenshots: make screenshots, make screenshots ONLY="home queue"
screenshots:
	@.bin/screenshots $(ONLY)

# Judge three pages with Lighthouse, on production settings; fails below 100
lighthouse:
	@.bin/lighthouse $(ONLY)
