"""An encrypted page is fetched where its certificate is trusted, and nowhere else.

The certificates are made on the spot by the program `openssl`; the server runs on this machine.
"""

from __future__ import annotations

import http.server
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controlllm_tools.errors import ToolFailed
from controlllm_tools.resources import Resource
from controlllm_tools.text.fetch_page import FetchPage
from controlllm_tools.text.web_fetch import Web
from controlllm_tools.tool import Inputs, Item, Output, ToolContext

HERE = "127.0.0.1"
PAGE = b"<p>What only this server knows.</p>"
Trust = Callable[[Path], None]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate and its key for `good.test`, and for `other.test`."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl: apt-get install openssl")
    folder = tmp_path_factory.mktemp("certificates")
    for host in ("good.test", "other.test"):
        command = (
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
            f"-subj /CN={host} -addext subjectAltName=DNS:{host} -keyout {host}.key -out {host}.pem"
        )
        subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    return folder


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: object) -> None:
        return


class Server(http.server.ThreadingHTTPServer):
    """Shakes hands in the thread of the request; a client that hangs up is no fault of it."""

    def handle_error(self, *_: object) -> None:
        return


@pytest.fixture
def port(certificates: Path) -> Iterator[int]:
    """Where a server shows the certificate of `good.test`."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificates / "good.test.pem", certificates / "good.test.key")
    with Server((HERE, 0), Handler) as server:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def trust(monkeypatch: pytest.MonkeyPatch) -> Trust:
    """Make a certificate the only one that this machine trusts, as its owner would."""

    def trust(certificate: Path) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        monkeypatch.setenv("SSL_CERT_DIR", str(certificate.parent / "none"))

    return trust


def fetched(host: str, port: int, context: ToolContext) -> str:
    """The source of the page, by the tool with the TLS settings that it has in service."""
    web = Web(
        resolve=lambda *_: [HERE],
        is_allowed=lambda address: address == HERE,
        ports=frozenset({port}),
        seconds=5.0,
    )
    item = Item(Resource.of_value("url", f"https://{host}:{port}/"))
    html = FetchPage(web=web).run(Inputs.of(url=item), context)["html"]
    assert isinstance(html, Output)
    return html.content or ""


def test_a_page_with_a_trusted_certificate_is_fetched(
    trust: Trust, certificates: Path, port: int, context: ToolContext
) -> None:
    trust(certificates / "good.test.pem")
    assert fetched("good.test", port, context) == PAGE.decode()


@pytest.mark.parametrize(
    ("trusted", "host", "told"),
    [
        ("other.test", "good.test", "good.test is not accepted: self-signed certificate; "),
        ("good.test", "other.test", "not accepted: Hostname mismatch, .*'other.test'"),
    ],
    ids=["signed by nobody we trust", "made for another host"],
)
def test_a_certificate_that_proves_nothing_is_refused_with_the_reason_and_the_way_out(
    trust: Trust, certificates: Path, port: int, context: ToolContext,
    trusted: str, host: str, told: str,
) -> None:  # fmt: skip
    trust(certificates / f"{trusted}.pem")
    with pytest.raises(ToolFailed, match=told) as caught:
        fetched(host, port, context)
    assert "SSL_CERT_FILE" in str(caught.value)
