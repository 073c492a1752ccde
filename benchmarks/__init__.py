"""What is measured, and how it is told. Never part of the tests: `make bench ONLY=lists`."""
