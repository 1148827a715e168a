"""OGC API Features and Tiles over the views of the schema `gis`, by tipg, for every geographic information system."""
