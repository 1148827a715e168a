"""Which passwords are taken: long, or of several words; not the name, not what everybody takes. Pure."""

import re

from schemas.problems import Problem, problem

SHORTEST, LONGEST = 12, 200
FEWEST_WORDS = 3
FEWEST_CHARACTERS = 5
"""How many different characters a password has at least."""

COMMONEST = frozenset({
    "123456", "1234567", "12345678", "123456789", "1234567890", "0123456789", "9876543210", "987654321", "111111",
    "000000", "666666", "888888", "123123", "112233", "147258369", "123321", "654321", "5201314", "1314520",
    "password", "passw0rd", "p@ssword", "p@ssw0rd", "admin", "administrator", "root", "guest", "qwerty",
    "qwertyuiop", "asdfgh", "asdfghjkl", "zxcvbn", "zxcvbnm", "1q2w3e4r", "1qaz2wsx", "1qaz", "2wsx", "qazwsx",
    "qweasd", "qweasdzxc", "abc", "abcd", "abc123", "abcd1234", "a123456", "a1b2c3", "iloveyou", "woaini",
    "woaini1314", "letmein", "welcome", "monkey", "dragon", "sunshine", "master", "login", "test", "user", "nongye",
    "nongyeju", "nongcun", "qingtian", "qingtian-demo", "huarong", "nmb", "nyncj", "zhongguo", "china", "beijing",
    "hunan",
})  # fmt: skip
"""What stands at the head of every published list of the commonest passwords, and what suggests itself here."""

_FILLING = re.compile(r"[\W_]+")


def password_problem(password: str, username: str) -> Problem | None:
    """Return why a password is not taken, or None: 12 characters or three words, neither the name nor a common one."""
    words = password.split()
    if len(password) > LONGEST or "\0" in password:
        return problem("password_long", "password", limit=LONGEST)
    if len(password) < SHORTEST and len(words) < FEWEST_WORDS:
        return problem("password_short", "password", limit=SHORTEST, words=FEWEST_WORDS)
    if any(len(word) < 2 for word in words) and len(password) < SHORTEST:
        return problem("password_short", "password", limit=SHORTEST, words=FEWEST_WORDS)
    plain = _plain(password)
    name = _plain(username)
    if name and (plain.replace(name, "") == "" or (len(name) >= 4 and len(plain.replace(name, "")) < 6)):
        return problem("password_is_name", "password")
    if len(set(plain)) < FEWEST_CHARACTERS or _is_common(plain):
        return problem("password_common", "password")
    return None


def _plain(text: str) -> str:
    return _FILLING.sub("", text.casefold())


def _is_common(plain: str) -> bool:
    """Return whether nothing is left of a password but common ones, put in a row or followed by a few digits."""
    for common in sorted((_plain(one) for one in COMMONEST), key=len, reverse=True):
        plain = plain.replace(common, " ")
    return len(re.sub(r"[\s\d]", "", plain)) == 0
