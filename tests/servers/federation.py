"""Homeservers that talk to each other on the loopback interface, each behind a front that speaks TLS."""

import ssl
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web
from yarl import URL

from tests.servers.process import LOOPBACK, free_port
from tests.servers.synapse import ENVIRONMENT, Homeserver

# Synapse's own environment has what makes certificates.
_MAKE = """
import datetime, ipaddress, sys
from pathlib import Path
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
now, other = datetime.datetime.now(datetime.UTC), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
made = made.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
made = made.add_extension(x509.SubjectAlternativeName([other]), critical=True).sign(key, hashes.SHA256())
private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
Path(sys.argv[1]).write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
"""


def certificate(folder: Path) -> Path:
    """A file with a key and a certificate for the loopback address that nobody has signed."""
    file = folder / "front.pem"
    subprocess.run([ENVIRONMENT / "bin" / "python", "-c", _MAKE, file], check=True, timeout=60)
    return file


def federated(folder: Path) -> Homeserver:
    """A homeserver named after the port that its front will listen on."""
    server, name = Homeserver(folder), f"{LOOPBACK}:{free_port()}"
    listener = {"port": server.port, "bind_addresses": [LOOPBACK], "type": "http", "tls": False}
    settings = {
        "server_name": name,
        "listeners": [{**listener, "resources": [{"names": ["client", "federation"], "compress": False}]}],
        "federation_domain_whitelist": None,
        "federation_verify_certificates": False,
        "ip_range_blacklist": [],
    }
    made = Homeserver(folder, settings=settings, port=server.port)
    made.name = name
    return made


@asynccontextmanager
async def front(server: Homeserver, pem: Path, elsewhere: Mapping[str, str] | None = None) -> AsyncIterator[None]:
    """TLS before a homeserver; paths that begin with a key of `elsewhere` go to that address instead."""
    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def pass_on(request: web.Request) -> web.Response:
            target = next((to for begin, to in (elsewhere or {}).items() if request.path.startswith(begin)), server.url)
            url = URL(f"{target}{request.raw_path}", encoded=True)
            headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
            data = await request.read()
            async with session.request(request.method, url, headers=headers, data=data) as answer:
                kind = answer.headers.get("Content-Type", "application/json")
                return web.Response(status=answer.status, body=await answer.read(), headers={"Content-Type": kind})

        app = web.Application(client_max_size=10_000_000)
        app.router.add_route("*", "/{path:.*}", pass_on)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(pem)
        await web.TCPSite(runner, LOOPBACK, int(server.name.rpartition(":")[2]), ssl_context=context).start()
        try:
            yield
        finally:
            await runner.cleanup()
