"""A figure explained, rebuilt from the ledgers as it stood at any moment, and signed where it is published."""
