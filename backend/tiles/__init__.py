"""Vector tiles: the regions for everybody, the plots for their county."""
