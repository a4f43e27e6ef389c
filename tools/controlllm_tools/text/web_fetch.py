"""Fetch one page of the public web: each hop is resolved once, checked, and connected as checked.

No proxies, no cookies, no automatic redirects, no compression; the size, the time and the number
of redirects are capped, and nothing of an answer gets into a message.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin

from controlllm_tools.errors import InvalidInput, ToolFailed, Transient
from controlllm_tools.text.public_addresses import PORTS, Target, is_public, read_target
from controlllm_tools.tool import ToolContext

_REDIRECTS = {301, 302, 303, 307, 308}
_WORTH_ANOTHER_TRY = {408, 425, 429, 500, 502, 503, 504}
_CHUNK_BYTES = 65_536
_CONNECT_S = 10.0
_AGENT = "ControlLLM (fetch_page)"


def resolve(host: str, port: int) -> Sequence[str]:
    """Every numeric address of a host, as the system's resolver tells it.

    Raises:
        InvalidInput: There is no such host.
        Transient: The resolver does not answer.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            msg = f"the name of {host} cannot be looked up now; is this machine online?"
            raise Transient(msg) from error
        msg = f"there is no host {host}; check the address"
        raise InvalidInput(msg) from error
    except (OSError, UnicodeError) as error:
        msg = f"{host} is no name of a host"
        raise InvalidInput(msg) from error
    return [str(each[4][0]) for each in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """What may be reached and how much of it; tests put a small web of their own in its place.

    Attributes:
        resolve: Every address of a host.
        is_allowed: Whether a numeric address may be connected to.
        ports: The ports that may be asked.
        tls: Settings of encrypted connections; by default those of the system.
        most_bytes: Longest answer.
        seconds: Longest time for everything.
        redirects: Most hops after the first one.
    """

    resolve: Callable[[str, int], Sequence[str]] = resolve
    is_allowed: Callable[[str], bool] = is_public
    ports: frozenset[int] = field(default=frozenset(PORTS.values()))
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context
    most_bytes: int = 8 * 2**20
    seconds: float = 30.0
    redirects: int = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """A page as the server gave it.

    Attributes:
        url: Where it came from in the end.
        mime: Media type, lower case, without parameters; empty when the server names none.
        charset: As the server names it, or empty.
        body: The content.
    """

    url: str
    mime: str
    charset: str
    body: bytes


def fetch(url: str, web: Web, mimes: frozenset[str], context: ToolContext) -> Answer:
    """Get a page.

    Args:
        url: Its address.
        web: What may be reached.
        mimes: The media types that are wanted; anything else is not read.
        context: Stops it.

    Raises:
        InvalidInput: The address is not allowed, there is no such page, it is of another media
            type, too long, or redirects too often.
        Transient: The server does not answer in time, or asks to come again later.
        ToolFailed: The server's certificate or its answer is broken.
    """
    target = read_target(url, web.ports)
    for hop in range(web.redirects + 1):
        context.check()
        context.progress(hop / (web.redirects + 1), f"asking {target.host}")
        answer = _ask(target, web, mimes, context)
        if isinstance(answer, Answer):
            return answer
        moved = read_target(urljoin(target.url, answer), web.ports)
        if target.scheme == "https" and moved.scheme == "http":
            msg = f"{target.host} redirects to an address without encryption; it is not followed"
            raise InvalidInput(msg)
        target = moved
    msg = f"{url[:100]} redirects more than {web.redirects} times"
    raise InvalidInput(msg)


def _checked_addresses(target: Target, web: Web) -> Sequence[str]:
    """What the host resolves to, of which every one must be allowed."""
    addresses = list(dict.fromkeys(web.resolve(target.host, target.port)))
    if not addresses or not all(web.is_allowed(address) for address in addresses):
        msg = f"{target.host} is not a public server; pages of private networks are not fetched"
        raise InvalidInput(msg)
    return addresses


def _ask(target: Target, web: Web, mimes: frozenset[str], context: ToolContext) -> Answer | str:
    """The page, or the address that it moved to."""
    addresses = _checked_addresses(target, web)
    seconds = max(0.1, min(web.seconds, context.remaining_s()))
    connection = http.client.HTTPConnection(target.host, target.port, timeout=seconds)
    with _told_plainly(target.host), contextlib.closing(connection):
        connection.sock = _connected(addresses, target, web)
        with _time_limit(connection.sock, seconds):
            connection.request("GET", target.path, headers=_headers(target))
            with connection.getresponse() as response:
                return _read(response, target, web, mimes)


@contextlib.contextmanager
def _told_plainly(host: str) -> Iterator[None]:
    """Say what went wrong, without a word of what the server said."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        # OpenSSL's own words, such as 'certificate has expired'; none are the server's
        msg = (
            f"the certificate of {host} is not accepted: {error.verify_message}; the server "
            "has to mend it, or SSL_CERT_FILE has to name a signer whom you trust"
        )
        raise ToolFailed(msg) from error
    except ssl.SSLError as error:
        msg = f"{host} offers no valid encryption: {error.reason or 'unknown reason'}"
        raise ToolFailed(msg) from error
    except http.client.HTTPException as error:
        msg = f"{host} gave an answer that is no HTTP, or hung up ({type(error).__name__})"
        raise Transient(msg) from error
    except OSError as error:
        msg = f"{host} does not answer in time ({type(error).__name__}); try again later"
        raise Transient(msg) from error


@contextlib.contextmanager
def _time_limit(opened: socket.socket, seconds: float) -> Iterator[None]:
    """Hang up after so long; one that sends a byte now and then never meets a socket's timeout.

    Raises:
        TimeoutError: It was hung up, which may look like the end of a page.
    """
    late = threading.Event()

    def hang_up() -> None:
        late.set()
        with contextlib.suppress(OSError):  # it is closed already
            opened.shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(seconds, hang_up)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
    if late.is_set():
        raise TimeoutError


def _headers(target: Target) -> dict[str, str]:
    return {
        "Host": target.host_header,
        "User-Agent": _AGENT,
        "Accept": "text/html,application/xhtml+xml,text/plain;q=0.8",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }


def _connected(addresses: Sequence[str], target: Target, web: Web) -> socket.socket:
    """A connection to the first checked address that answers; the name is not looked up again."""
    failure: OSError | None = None
    for address in addresses:
        try:
            plain = socket.create_connection(
                (address, target.port), timeout=min(_CONNECT_S, web.seconds)
            )
        except OSError as error:
            failure = error
            continue
        plain.settimeout(web.seconds)
        if target.scheme == "http":
            return plain
        try:
            return web.tls().wrap_socket(plain, server_hostname=target.host)
        except OSError:
            plain.close()
            raise
    raise failure or OSError


def _read(
    response: http.client.HTTPResponse, target: Target, web: Web, mimes: frozenset[str]
) -> Answer | str:
    if response.status in _REDIRECTS and (moved := response.getheader("Location")):
        return moved
    if response.status in _WORTH_ANOTHER_TRY:
        msg = f"{target.host} cannot serve the page now (status {response.status}); try again later"
        raise Transient(msg)
    if response.status != http.HTTPStatus.OK:
        msg = f"{target.host} has no such page for us (status {response.status})"
        raise InvalidInput(msg)
    mime = response.headers.get_content_type() if response.getheader("Content-Type") else ""
    if mime and mime not in mimes:
        msg = f"{target.host} gives {mime[:60]!r} there, which is no page to read"
        raise InvalidInput(msg)
    if (response.getheader("Content-Encoding") or "identity").lower() != "identity":
        msg = f"{target.host} packs the page, which was not asked for"
        raise ToolFailed(msg)
    body = bytearray()
    while chunk := response.read1(_CHUNK_BYTES):
        body += chunk
        if len(body) > web.most_bytes:
            msg = f"the page of {target.host} is longer than {web.most_bytes} bytes, the limit"
            raise InvalidInput(msg)
    if response.length:  # hung up before the end
        msg = f"{target.host} broke off in the middle of the page"
        raise Transient(msg)
    return Answer(target.url, mime, response.headers.get_content_charset() or "", bytes(body))
