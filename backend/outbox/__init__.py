"""Events on their way to systems outside: written with what they tell, signed, sent until they arrive."""
