"""Everything spatial: datum, shapes, counties and coverages as pure functions, spatial SQL beside them."""
