"""Real things for tests to run against: a PostgreSQL, a browser, the portal itself, a mail server, validators."""
