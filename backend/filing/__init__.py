"""The way of a county's figure to publication: steps, tiers, what is frozen, what is locked, what is missing."""
