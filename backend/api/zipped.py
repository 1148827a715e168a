"""What a caller says in its headers: whether it takes gzip, and which answers it has already (RFC 9110)."""


def accepts_gzip(accept_encoding: str) -> bool:
    """Return whether a caller takes a body that is compressed by gzip."""
    return any(map(_is_gzip, accept_encoding.split(",")))


def knows(if_none_match: str, *etags: str) -> bool:
    """Return whether the caller has one of the answers with these strong tags; each encoding has a tag of its own."""
    given = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return bool(given & {"*", *etags})


def _is_gzip(part: str) -> bool:
    coding, _, weight = part.partition(";")
    return coding.strip().lower() in {"gzip", "*"} and weight.replace(" ", "").lower() not in {"q=0", "q=0.0"}
