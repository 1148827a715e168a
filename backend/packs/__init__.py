"""Packs for phones: what is made of the reference data and the register, and what of it is kept."""
