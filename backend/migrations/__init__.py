"""The history of the schema, applied by `backend.migrate`; a merged version is never edited."""
