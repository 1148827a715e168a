"""The indicator catalogue: one module an indicator, listed in `catalogue`."""
