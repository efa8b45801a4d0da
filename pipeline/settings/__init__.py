"""study.toml: its schema, and how it is read and checked before anything runs."""
