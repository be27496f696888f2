"""A receiver of webhooks on this machine, and names that resolve to it."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "receiver.example.com"
PATH = "/T0K3N-in-the-path"
PUBLIC = "93.184.215.14"

Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Hosts(AbstractResolver):
    """Resolves names by a table; a name with several answers has the last one from then on."""

    def __init__(self, hosts: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._answers = {host: list(answers) for host, answers in hosts.items()}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the next answer for a name; raises OSError if it is not in the table."""
        if host not in self._answers:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        answers = self._answers[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=0,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Do nothing."""


@dataclass
class Receiver:
    """Records requests; ``respond`` answers each, by default with 200."""

    url: str = ""
    requests: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    respond: Respond | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Record a request, and answer it."""
        assert request.path == PATH
        self.requests.append((request.headers, await request.read()))
        self.arrived.set()
        return web.Response() if self.respond is None else await self.respond(request)

    def answer(self, status: int, **headers: str) -> None:
        """Answer with a status from now on."""

        async def respond(_: web.Request) -> web.Response:
            return web.Response(status=status, headers=headers)

        self.respond = respond


@asynccontextmanager
async def receiver(certificate: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """Run a receiver, over HTTP by the IP address or over HTTPS by the name ``HOST``."""
    one = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", one.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=certificate).start()
    port = runner.addresses[0][1]
    one.url = f"http://127.0.0.1:{port}{PATH}" if certificate is None else f"https://{HOST}:{port}{PATH}"
    try:
        yield one
    finally:
        await runner.cleanup()


def create_certificate(folder: Path) -> ssl.SSLContext:
    """Return a server's context with a new certificate for ``HOST``, which is also written to ``ca.pem``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca.pem").write_bytes(certificate)
    (folder / "server.pem").write_bytes(private + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context
