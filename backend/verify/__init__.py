"""Check ledgers from outside the writing path: chain, records, changes, sums, and what was kept elsewhere."""

from backend.verify.chain import broken_chain

__all__ = ["broken_chain"]
