"""Where the operator's page is opened."""

from __future__ import annotations

import socket

import pytest

from nightcast.director.page import Page, is_free


@pytest.mark.parametrize(
    ("address", "url"),
    [("127.0.0.1", "http://127.0.0.1:8760/"), ("localhost", "http://localhost:8760/"), ("::1", "http://[::1]:8760/")],
)
def test_a_page_for_this_machine_alone_has_a_plain_address(address: str, url: str) -> None:
    page = Page(address=address)
    assert page.url == url
    assert not page.is_shared


def test_a_page_for_others_has_its_token_in_the_address() -> None:
    page = Page(address="198.51.100.7", token="abc")
    assert page.url == "http://198.51.100.7:8760/?token=abc"
    assert page.is_shared


def test_a_page_on_all_addresses_names_one_that_others_can_open() -> None:
    url = Page(address="0.0.0.0", token="abc").url
    assert "//0.0.0.0" not in url
    assert url.endswith(":8760/?token=abc")


def test_each_night_has_a_token_of_its_own_that_is_not_shown_by_chance() -> None:
    page = Page()
    assert page.token != Page().token
    assert page.token not in repr(page)


def test_a_port_is_free_until_somebody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_free("127.0.0.1", port)
    assert is_free("127.0.0.1", port)


def test_an_address_of_another_machine_is_an_error_and_not_a_taken_port() -> None:
    with pytest.raises(OSError, match="assign"):
        is_free("192.0.2.1", 8760)
