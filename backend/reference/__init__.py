"""Reference data at set-up: fetched from pinned packages, turned into rows, loaded once, read back into memory."""
