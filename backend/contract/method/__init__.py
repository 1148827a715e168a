"""The method page `docs/method.md`: what explains is written by hand in `prose`, what can be counted is generated."""
