"""The two pinned packages: taken from the folder, or named where they cannot be had."""

import hashlib

import pytest

from backend.reference.packages import Package, PackagesUnavailableError, fetch_packages


@pytest.fixture
def no_index(monkeypatch):
    """A package index that nobody answers at."""
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")


def package_of(content):
    return Package("some-data", "1.0", "some_data-1.0-py3-none-any.whl", hashlib.sha256(content).hexdigest())


@pytest.mark.usefixtures("no_index")
def test_a_package_put_into_the_folder_by_hand_is_taken(tmp_path):
    package = package_of(b"data")
    path = tmp_path / package.wheel
    path.write_bytes(b"data")
    assert fetch_packages(tmp_path, [package]) == {package: path}


@pytest.mark.usefixtures("no_index")
@pytest.mark.parametrize("content", [None, b"", b"other data"])
def test_without_a_network_the_missing_or_wrong_file_is_named(tmp_path, content):
    package = package_of(b"data")
    if content is not None:
        (tmp_path / package.wheel).write_bytes(content)
    with pytest.raises(PackagesUnavailableError) as caught:
        fetch_packages(tmp_path, [package])
    for words in (caught.value.zh, caught.value.en):
        assert package.wheel in words
        assert package.sha256 in words
        assert str(tmp_path) in words
    assert (tmp_path / "pip.log").read_text()
