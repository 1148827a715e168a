"""The measurements of `make bench`: product and floor side by side; results stand in `docs/benchmarks.md`."""
