"""`qingtian phone`: the reference client in a terminal, with which a person files reports by hand."""
