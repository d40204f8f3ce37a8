"""Pages of the table in force, of its next version, and of the dry run."""
