"""Everything between a phone and the ledger: decoding, merging, appending, answering."""
