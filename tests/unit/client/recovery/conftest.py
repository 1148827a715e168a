"""A phone on a line that breaks at chosen requests, to a server on paper."""

import random
from contextlib import ExitStack

import httpx
import pytest

from mobile_contract.client import Phone
from mobile_contract.wire import Pacing
from tests.support.paper_server import NOW, PaperServer
from tests.unit.client.conftest import COUNTY


class Line:
    """A network to a server that breaks at chosen requests, with or without the request arriving."""

    def __init__(self, server):
        self.server = server
        self.breaks: list[tuple[str, bool]] = []

    def __call__(self, request):
        if self.breaks and request.method == self.breaks[0][0]:
            _, arrives = self.breaks.pop(0)
            if arrives:
                self.server(request)
            raise httpx.ReadError("the line broke", request=request)
        return self.server(request)


@pytest.fixture
def server():
    return PaperServer()


@pytest.fixture
def line(server):
    return Line(server)


@pytest.fixture
def open_phone(line, tmp_path):
    with ExitStack() as open_ones:

        def opened(name="phone"):
            pacing = Pacing(clock=lambda: NOW, sleep=lambda _: None, dice=random.Random(name), attempts=1)
            transport = httpx.MockTransport(line)
            phone = Phone(tmp_path / f"{name}.sqlite", "http://paper", transport=transport, pacing=pacing)
            open_ones.callback(phone.close)
            phone.sign_in("worker", "secret")
            phone.follow(COUNTY)
            return phone

        yield opened


@pytest.fixture
def phone(open_phone):
    return open_phone()
