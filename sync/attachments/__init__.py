"""Photos and papers that belong to reports: how they come in pieces, where they lie, what they tell, what goes out."""
