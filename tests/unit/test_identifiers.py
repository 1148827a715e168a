"""Identifiers."""

import uuid

from schemas.identifiers import is_uuid, is_uuid7, statement_id, uuid7


def test_a_drawn_id_is_a_version_7_uuid_of_its_moment() -> None:
    drawn = uuid.UUID(uuid7(1_759_453_920_000))
    assert (drawn.version, drawn.variant) == (7, uuid.RFC_4122)
    assert drawn.int >> 80 == 1_759_453_920_000
    assert is_uuid7(str(drawn))


def test_seeded_bytes_give_the_same_id() -> None:
    assert uuid7(1, b"0123456789") == uuid7(1, b"0123456789") != uuid7(2, b"0123456789")


def test_other_versions_and_upper_case_are_no_uuid7() -> None:
    assert not is_uuid7(str(uuid.uuid4()))
    assert not is_uuid7(uuid7(1).upper())
    assert not is_uuid7(uuid7(1) + "\n")
    assert is_uuid(str(uuid.uuid4()))


def test_the_id_of_a_statement_follows_from_what_it_states() -> None:
    """Pinned: another value would give every county a second statement."""
    assert statement_id("430623", "film_recovery", "2025") == "a4558f9b-76ff-5310-a7a6-5d1bf33bcfec"
