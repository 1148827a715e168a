"""The rules behind webhooks: signatures as the convention publishes them, forbidden addresses, growing waits."""

import ipaddress

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from backend.outbox.address import ForbiddenAddressError, checked_url, is_never_sent_to, is_public, resolved
from backend.outbox.delivering import LONGEST_WAIT_S, wait_s
from backend.outbox.signing import new_secret, open_secret, seal_secret, shown_secret, signature, signed_headers
from tests.support.receivers import Arrival

PUBLISHED_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PUBLISHED_KEY = bytes.fromhex("31f290f6bf06298aab4f08d43c3f082cf648a362da2da4b0")
KEY = bytes(32)


def test_the_published_example_of_the_convention_is_reproduced() -> None:
    signed = signature(PUBLISHED_KEY, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert shown_secret(PUBLISHED_KEY) == PUBLISHED_SECRET
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_during_a_rotation_both_secrets_verify_and_no_third() -> None:
    old, new, other = new_secret(), new_secret(), new_secret()
    headers = signed_headers([new, old], "id", 1, b"{}")
    arrival = Arrival("/", dict(headers), b"{}")
    assert arrival.is_signed_with(shown_secret(old))
    assert arrival.is_signed_with(shown_secret(new))
    assert not arrival.is_signed_with(shown_secret(other))
    assert not Arrival("/", dict(headers), b"{ }").is_signed_with(shown_secret(new))


def test_a_sealed_secret_opens_for_its_endpoint_alone() -> None:
    secret = new_secret()
    sealed = seal_secret(secret, "a", KEY)
    assert secret not in sealed
    assert open_secret(sealed, "a", KEY) == secret
    for endpoint, key in (("b", KEY), ("a", b"1" * 32)):
        with pytest.raises(InvalidTag):
            open_secret(sealed, endpoint, key)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
        "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::",
        "::ffff:10.0.0.1", "fec0::1",
    ],
)  # fmt: skip
def test_no_inner_address_is_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "223.5.5.5", "2400:3200::1", "::ffff:223.5.5.5"])
def test_public_addresses_are(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "224.0.0.1", "0.0.0.0"])
def test_some_addresses_are_refused_inside_a_private_network_too(address: str) -> None:
    assert is_never_sent_to(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://hooks.example/a", "url_plain"),
        ("https://user:pass@hooks.example/", "url_userinfo"),
        ("https://user@hooks.example/", "url_userinfo"),
        ("https://127.0.0.1/", "address_private"),
        ("https://[::1]/", "address_private"),
        ("https://[::ffff:10.0.0.1]:8443/x", "address_private"),
        ("ftp://hooks.example/", "url_invalid"),
        ("https:///x", "url_invalid"),
        ("https://hooks.example:99999/", "url_invalid"),
        ("https://hooks.example/#there", "url_invalid"),
    ],
)
def test_a_url_that_is_never_sent_to_is_refused_at_once(url: str, reason: str) -> None:
    with pytest.raises(ForbiddenAddressError) as refused:
        checked_url(url, allows_private=False)
    assert refused.value.reason == reason


@pytest.mark.anyio
@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"])
async def test_whatever_leads_to_this_machine_is_refused_when_it_is_looked_up(host: str) -> None:
    with pytest.raises((ForbiddenAddressError, OSError)):
        await resolved(f"https://{host}:8443/", allows_private=False)


@pytest.mark.anyio
async def test_the_connection_goes_to_the_address_that_was_judged() -> None:
    target = await resolved("https://localhost:8443/hook?a=1", allows_private=True)
    assert ipaddress.ip_address(target.connected_url.host).is_loopback
    assert (target.host_header, target.server_name) == ("localhost:8443", "localhost")
    assert target.connected_url.raw_path == b"/hook?a=1"


@given(st.integers(1, 40), st.floats(0, 1))
def test_waits_grow_up_to_a_limit_and_vary_a_little(attempts: int, draw: float) -> None:
    middle = wait_s(attempts, 10, 0.5)
    assert middle == min(10 * 3.0 ** (attempts - 1), LONGEST_WAIT_S)
    assert 0.79 * middle < wait_s(attempts, 10, draw) < 1.21 * middle
