"""Thin routers: parse, call one function, shape the answer."""
