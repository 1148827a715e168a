"""The interface description in the repository is the one that is served, and it is a valid one."""

import json

from openapi_spec_validator import validate

from backend.app import create_app
from backend.contract.outputs import NOWHERE, OPENAPI
from backend.contract.versions import REPOSITORY
from backend.settings import Settings

TEXT = (REPOSITORY / OPENAPI).read_text(encoding="utf-8")


def test_the_description_is_valid():
    validate(json.loads(TEXT))


def test_the_description_is_what_the_application_serves_in_the_same_order():
    served = create_app(Settings(database_url=NOWHERE)).openapi()
    assert json.dumps(served) == json.dumps(json.loads(TEXT))
