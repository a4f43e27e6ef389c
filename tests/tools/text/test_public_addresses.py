"""Only servers of the public web: a table of addresses that lead elsewhere, in every disguise."""

from __future__ import annotations

import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.text.public_addresses import is_public, read_target

PRIVATE = (
    "127.0.0.1", "127.255.255.254", "0.0.0.1", "10.0.0.1", "172.16.0.1", "172.31.255.255",
    "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.8", "192.0.0.170", "192.0.2.1",
    "192.88.99.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b::808:808", "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::",
    "2002:808:808::1", "2001::1", "2001:0:7f00:1::", "2001:db8::1", "fc00::1", "fd12:3456::1",
    "fe80::1", "fe80::1%eth0", "2606:4700::1%eth0", "fec0::1", "ff02::1", "100::1", "3fff::1",
    "5f00::1", "localhost", "", "1.2.3", "0x7f.1", "127.1", "2130706433", "0177.0.0.1",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001:81c::200e")

REFUSED_URLS = (
    "", "example.org", "//example.org/", "ftp://example.org/", "file:///etc/passwd",
    "gopher://example.org", "javascript:alert(1)", "data:text/html,x", "https://", "https:///x",
    "http://user@example.org/", "http://user:pw@example.org/", "http://example.org\\@10.0.0.1/",
    "http://example.org:22/", "http://example.org:8080/", "http://example.org:0/",
    "http://example.org:99999/", "http://127.1/", "http://2130706433/", "http://0x7f000001/",
    "http://0177.0.0.1/", "http://0x7f.0.0.1/", "http://1.2.3.4.5/", "http://[::1", "http://[x]/",
    "http://exa mple.org/", "http://example.org/\r\nHost: x", "http://example.org/\u200b",
    "http://-a.org/", "http://a..b/", "http://" + "a" * 64 + ".org/", "http://\uff10x7f.1/",
    "https://example.org/" + "a" * 5_000,
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_servers_are_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_addresses_that_could_mean_another_place_are_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        read_target(url)


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://example.org", "https://example.org/"),
        (" HTTP://Example.ORG:80/a?b=c#d ", "http://example.org/a?b=c"),
        ("https://example.org./", "https://example.org/"),
        ("https://münchen.de/straße?ü", "https://xn--mnchen-3ya.de/stra%C3%9Fe?%C3%BC"),
        ("http://8.8.8.8/x", "http://8.8.8.8/x"),
        ("http://[2606:4700::1]/", "http://[2606:4700::1]/"),
    ],
)
def test_addresses_are_brought_into_one_form(url: str, plain: str) -> None:
    assert read_target(url).url == plain
