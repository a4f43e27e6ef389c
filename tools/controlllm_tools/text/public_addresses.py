"""Which web addresses may be fetched: those of public servers, and no way around it.

A page must not make this machine speak to itself, to its own network or to a cloud's metadata
service. Names are judged by what they resolve to, so a name that leads home is refused as its
number would be; forms of IPv6 that carry an IPv4 address inside are refused as a whole.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from controlllm_tools.errors import InvalidInput

PORTS = {"http": 80, "https": 443}
_LONGEST_URL = 4_096
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_REFUSED = tuple(
    ipaddress.ip_network(block)
    for block in (
        # protocol assignments and relays, which `is_global` lets through in part
        "192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10", "198.18.0.0/15", "240.0.0.0/4",
        # IPv4 inside IPv6: compatible, mapped, translated, NAT64, Teredo, 6to4
        "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48",
        "2001::/23", "2002::/16",
        # documentation, segment routing, discard, site-local
        "2001:db8::/32", "3fff::/20", "5f00::/16", "100::/64", "fec0::/10",
    )
)  # fmt: skip
_PUBLIC_V6 = ipaddress.ip_network("2000::/3")


@dataclass(frozen=True, slots=True)
class Target:
    """One web address, taken apart.

    Attributes:
        scheme: `http` or `https`.
        host: In ASCII, lower case, without a final dot; an IPv6 address without brackets.
        port: Of the server.
        path: What to ask for, with the query and without the fragment.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """The host as the request names it."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return shown if self.port == PORTS[self.scheme] else f"{shown}:{self.port}"

    @property
    def url(self) -> str:
        """The address again."""
        return f"{self.scheme}://{self.host_header}{self.path}"


def is_public(address: str) -> bool:
    """Whether a numeric address belongs to a public server."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and (
        found.scope_id is not None or found not in _PUBLIC_V6
    ):
        return False
    if any(found.version == block.version and found in block for block in _REFUSED):
        return False
    return found.is_global and not found.is_multicast


def read_target(url: str, ports: frozenset[int] = frozenset(PORTS.values())) -> Target:
    """Take a web address apart, and refuse every form that could mean another one.

    Args:
        url: What was given.
        ports: The ports that may be asked.

    Raises:
        InvalidInput: Not http or https, with a user name, another port, or a host that is no name.
    """
    url = url.strip()
    shown = url[:100]
    if not url or len(url) > _LONGEST_URL or any(_is_hidden(mark) for mark in url):
        msg = f"{shown!r} is not one web address"
        raise InvalidInput(msg)
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname or ""
    except ValueError as error:
        msg = f"{shown} is not a web address: {error}"
        raise InvalidInput(msg) from error
    if parts.scheme not in PORTS:
        msg = f"{shown} is no address of the web; give one that begins with https:// or http://"
        raise InvalidInput(msg)
    if "@" in parts.netloc or "\\" in url:
        msg = f"{shown} carries a user name or a backslash; give the address without it"
        raise InvalidInput(msg)
    number = PORTS[parts.scheme] if port is None else port
    if number not in ports:
        msg = f"{shown} asks for port {number}; only the ports 80 and 443 of the web are allowed"
        raise InvalidInput(msg)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, _ascii_host(host, shown), number, _escaped(path))


def _ascii_host(host: str, shown: str) -> str:
    if ":" in host:
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError as error:
            msg = f"{shown} names no host"
            raise InvalidInput(msg) from error
    try:
        name = host.removesuffix(".").encode("idna").decode().lower()
    except UnicodeError as error:
        msg = f"{shown} names no host"
        raise InvalidInput(msg) from error
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        msg = f"{shown} names no host"
        raise InvalidInput(msg)
    # 127.1, 0x7f.1 and 2130706433 are numbers to a resolver; only the plain form is understood
    if re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1]):
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError as error:
            msg = f"{shown} writes a numeric address in an unusual form"
            raise InvalidInput(msg) from error
    return name


def _escaped(path: str) -> str:
    """The path in ASCII; what is escaped already stays."""
    return "".join(
        mark if mark.isascii() else "".join(f"%{byte:02X}" for byte in mark.encode())
        for mark in path
    )


def _is_hidden(mark: str) -> bool:
    return mark.isspace() or unicodedata.category(mark).startswith("C")
