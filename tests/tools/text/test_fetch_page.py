"""A page is fetched from where it was checked to lie, hop by hop, and no more than wanted of it.

The tests run a small web of their own on this machine: a resolver that knows a few names, and an
allow-list that lets one loopback address through.
"""

from __future__ import annotations

import http.server
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from controlllm_tools.errors import InvalidInput, ToolError, ToolFailed, Transient
from controlllm_tools.resources import Resource
from controlllm_tools.samples.texts import HTML
from controlllm_tools.text import web_fetch
from controlllm_tools.text.fetch_page import FetchPage, decode
from controlllm_tools.text.web_fetch import Answer, Web, fetch
from controlllm_tools.tool import Inputs, Item, Output, ToolContext

SAID = "what the server said"
HERE = "127.0.0.1"
Reply = tuple[int, dict[str, str], bytes]


@dataclass
class SmallWeb:
    """A server, names for it, and what was asked of it."""

    port: int
    names: dict[str, list[str]]
    asked: list[tuple[str, str]] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)

    def url(self, path: str = "/", host: str = "good.test") -> str:
        return f"http://{host}:{self.port}{path}"

    def resolve(self, host: str, port: int) -> Sequence[str]:
        self.looked_up.append(host)
        return self.names[host]

    def web(self, **limits: object) -> Web:
        web = Web(
            resolve=self.resolve,
            is_allowed=lambda address: address == HERE,
            ports=frozenset({self.port}),
            seconds=5.0,
        )
        return replace(web, **limits)  # type: ignore[arg-type]  # limits of any field


def replies(port: int) -> dict[str, Reply]:
    page = {"Content-Type": "text/html; charset=utf-8"}
    return {
        "/": (200, page, HTML.encode()),
        "/plain": (200, {"Content-Type": "text/plain"}, b"Just words.\n"),
        "/moved": (302, {"Location": "/"}, SAID.encode()),
        "/away": (301, {"Location": f"http://inside.test:{port}/"}, b""),
        "/numeric": (307, {"Location": "http://169.254.169.254/latest/meta-data"}, b""),
        "/file": (302, {"Location": "file:///etc/passwd"}, b""),
        "/loop": (302, {"Location": "/loop"}, b""),
        "/missing": (404, page, SAID.encode()),
        "/busy": (503, page, SAID.encode()),
        "/picture": (200, {"Content-Type": "image/png"}, b"\x89PNG" + SAID.encode()),
        "/packed": (200, page | {"Content-Encoding": "gzip"}, b"\x1f\x8b"),
        "/long": (200, page, b"<p>x</p>" * 20_000),
        "/short": (200, page | {"Content-Length": "9000"}, b"<p>half"),
        "/empty": (200, page, b"  \n"),
    }


@pytest.fixture
def small() -> Iterator[SmallWeb]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            small.asked.append((self.headers["Host"], self.path))
            if self.path == "/drip":
                return self.drip()
            status, headers, body = replies(small.port)[self.path]
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            return None

        def drip(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            try:
                for _ in range(100):
                    self.wfile.write(b"x")
                    time.sleep(0.05)
            except OSError:
                return

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer((HERE, 0), Handler) as server:
        names = {
            "good.test": [HERE],
            "inside.test": ["10.0.0.5"],
            "mixed.test": [HERE, "10.0.0.5"],
            "nowhere.test": [],
        }
        small = SmallWeb(server.server_port, names)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield small
        server.shutdown()
        thread.join()


Get = Callable[..., str]


@pytest.fixture
def get(small: SmallWeb, context: ToolContext) -> Get:
    """Fetch a path of the small web as the tool does."""

    def get(path: str, host: str = "good.test", **limits: object) -> str:
        tool = FetchPage(web=small.web(**limits))
        item = Item(Resource.of_value("url", small.url(path, host)))
        outputs = tool.run(Inputs.of(url=item), context)
        html, text = outputs["html"], outputs["text"]
        assert isinstance(html, Output)
        assert isinstance(text, Output)
        return f"{html.content}|{text.content}"

    return get


def test_a_page_comes_as_source_and_as_text(get: Get, small: SmallWeb) -> None:
    html, text = get("/").split("|Morning", 1)
    assert html == HTML
    assert "Dr. Elin Moss" in text
    assert "Printed on Mondays" not in text
    assert small.asked == [(f"good.test:{small.port}", "/")]


def test_plain_text_stays_as_it_is(get: Get) -> None:
    assert get("/plain") == "Just words.\n|Just words.\n"


def test_a_redirect_is_followed_and_each_hop_is_looked_up_once(get: Get, small: SmallWeb) -> None:
    assert "Dr. Elin Moss" in get("/moved")
    assert [path for _, path in small.asked] == ["/moved", "/"]
    assert small.looked_up == ["good.test", "good.test"]


def test_the_address_that_was_checked_is_the_one_that_is_connected(
    get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers differently the second time (DNS rebinding) has no second time."""
    real, names = socket.getaddrinfo, []

    def spy(host: str, *rest: object, **named: object) -> object:
        names.append(host)
        return real(host, *rest, **named)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(socket, "getaddrinfo", spy)
    get("/plain")
    assert set(names) == {HERE}


def test_proxies_of_the_environment_are_not_used(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert get("/plain")


@pytest.mark.parametrize("host", ["inside.test", "mixed.test", "nowhere.test"])
def test_a_host_with_any_address_that_is_not_public_is_never_asked(
    get: Get, small: SmallWeb, host: str
) -> None:
    with pytest.raises(InvalidInput, match=f"{host} is not a public server"):
        get("/", host)
    assert small.asked == []


@pytest.mark.parametrize("path", ["/away", "/numeric", "/file"])
def test_a_redirect_to_another_place_is_refused(get: Get, small: SmallWeb, path: str) -> None:
    with pytest.raises(InvalidInput):
        get(path)
    assert [each for _, each in small.asked] == [path]


def test_this_machine_is_refused_by_the_real_rules(small: SmallWeb, context: ToolContext) -> None:
    web = Web(ports=frozenset({small.port}), seconds=5.0)
    for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"):
        with pytest.raises(InvalidInput, match="is not a public server"):
            fetch(small.url("/", host), web, frozenset(), context)
    assert small.asked == []


def test_a_redirect_that_gives_up_encryption_is_refused(
    context: ToolContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_fetch, "_ask", lambda *_: "http://example.org/")
    with pytest.raises(InvalidInput, match="without encryption"):
        fetch("https://example.org/", Web(), frozenset(), context)


def test_a_server_without_a_valid_certificate_is_refused(
    small: SmallWeb, context: ToolContext
) -> None:
    web = replace(small.web(), tls=ssl.create_default_context)
    with pytest.raises(ToolFailed, match="no valid encryption"):
        fetch(small.url("/").replace("http:", "https:"), web, frozenset(), context)


@pytest.mark.parametrize(
    ("path", "error", "told"),
    [
        ("/loop", InvalidInput, "redirects more than 3 times"),
        ("/missing", InvalidInput, r"no such page for us \(status 404\)"),
        ("/busy", Transient, r"\(status 503\); try again later"),
        ("/picture", InvalidInput, "'image/png' there, which is no page"),
        ("/packed", ToolFailed, "packs the page"),
        ("/short", Transient, "broke off|hung up"),
        ("/empty", InvalidInput, "is empty"),
    ],
)
def test_what_cannot_be_read_is_told_without_the_words_of_the_server(
    get: Get, path: str, error: type[ToolError], told: str
) -> None:
    with pytest.raises(error, match=told) as caught:
        get(path)
    assert SAID not in str(caught.value)


def test_a_page_over_the_limit_is_refused(get: Get) -> None:
    assert get("/long", most_bytes=160_000)
    with pytest.raises(InvalidInput, match="longer than 159999 bytes"):
        get("/long", most_bytes=159_999)


def test_a_server_that_only_drips_is_left_in_time(get: Get) -> None:
    began = time.monotonic()
    with pytest.raises(Transient, match="does not answer in time"):
        get("/drip", seconds=0.3)
    assert time.monotonic() - began < 2


def test_a_server_that_refuses_connections_may_answer_later(context: ToolContext) -> None:
    with socket.socket() as unused:
        unused.bind((HERE, 0))
        port = unused.getsockname()[1]
        small = SmallWeb(port, {"good.test": [HERE]})
        with pytest.raises(Transient, match="try again later"):
            fetch(small.url(), small.web(), frozenset(), context)


def test_an_unknown_host_is_told(context: ToolContext, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "no")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(InvalidInput, match=r"there is no host nobody\.test"):
        fetch("https://nobody.test/", Web(), frozenset(), context)


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ("café".encode(), "utf-8"),
        ("café".encode("latin-1"), "iso-8859-1"),
        (b"<meta charset='latin-1'>caf\xe9", ""),
        ("\ufeffcafé".encode(), "latin-1"),
        ("café".encode("utf-16"), ""),
        (b"caf\xe9", ""),
        (b"caf\xe9", "no-such-charset"),
        (b"caf\xc3\xa9", "base64"),
    ],
)
def test_letters_are_read_in_whatever_code_they_come(body: bytes, charset: str) -> None:
    assert decode(Answer("http://x/", "text/html", charset, body)).endswith("café")
