"""Two web processes and a worker behind nginx by TLS, as `deploy/nginx` has it: pages at one host, programs at another.

Pages are at 127.0.0.1 and programs at localhost, both at one port: two hosts that every machine finds.
"""

import json
import re
import shutil
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp.connector
import pytest

from tests.api.acs.sdk import Resource
from tests.e2e.cluster import NGINX, SHIPPED, answers, begin_nginx, worker
from tests.integrations.redis_server import Redis
from tests.servers import RunningServer, free_port, run_module, running_server
from vestibule.store.certificates import Files

PAGES, PROGRAMS = "127.0.0.1", "localhost"
SITES = {SHIPPED: ("HOST_NAME", PAGES), SHIPPED.with_name("programs.conf"): ("PROGRAMS_NAME", PROGRAMS)}


@dataclass(frozen=True)
class Proxied:
    """What stands behind nginx: where pages are, the first business as a resource, its token of Graph."""

    origin: str
    resource: Resource
    stranger: Resource
    graph_token: str
    webs: list[RunningServer]
    folder: Path

    @property
    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.resource.authority))

    def log(self) -> str:
        """What nginx wrote down of requests."""
        return (self.folder / "access.log").read_text("utf-8")


def sites(folder: Path, port: int, webs: list[int], files: Files) -> str:
    """Both sites as they are shipped, with these certificates, at a port that is not the usual one."""
    servers = "".join(f"    server 127.0.0.1:{web} max_fails=1 fail_timeout=2s;\n" for web in webs)
    parts = []
    for path, (placeholder, host) in SITES.items():
        text = path.read_text("utf-8").replace(placeholder, host)
        text = re.sub(r"(?:    server 127\.0\.0\.1:\d+ [^\n]*\n)+", servers, text)
        text = re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", text, flags=re.DOTALL)
        text = re.sub(r"    listen \[::\][^\n]*\n", "", text)
        text = text.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl http2;")
        text = re.sub(r"/etc/letsencrypt/live/\S+/fullchain.pem", str(files.chain), text)
        text = re.sub(r"/etc/letsencrypt/live/\S+/privkey.pem", str(files.key), text)
        parts.append(text.replace("/var/log/nginx/vestibule.log", f"{folder}/access.log"))
    # What browsers are sent on from a page to has its port only if pages know it, which `$host` leaves out.
    parts[0] = parts[0].replace("proxy_set_header Host $host;", "proxy_set_header Host $http_host;")
    return "".join(parts)


@contextmanager
def proxied(folder: Path, database: str) -> Iterator[Proxied]:
    """Start everything on a database that has every table; skip, by name, where a program is missing.

    Meanwhile this process' SDKs trust it.
    """
    for program, package in ((NGINX, "nginx-light"), (shutil.which("redis-server"), "redis-server")):
        if program is None:
            pytest.skip(f"NOT RUN: {package} is not installed (apt-get install {package})")
    port, data = free_port(), folder / "data"
    with ExitStack() as stack:
        redis = Redis(free_port(), folder)
        redis.start()
        stack.callback(redis.stop)
        env = {
            "VESTIBULE_DATABASE_URL": database,
            "VESTIBULE_REDIS_URL": redis.url,
            "VESTIBULE_PUBLIC_URL": f"https://{PAGES}:{port}",
            "VESTIBULE_ACS_URL": f"https://{PROGRAMS}:{port}",
            "VESTIBULE_TRUSTED_PROXIES": "127.0.0.1",
        }
        data.mkdir()
        run_module("vestibule", "certs", data=data)
        files = Files.below(data)
        webs = [stack.enter_context(running_server(data, command="web", env=env)) for _ in range(2)]
        worker(stack, data, env)
        begin_nginx(stack, folder, port, sites(folder, port, [web.port for web in webs], files))
        found = _found(folder, f"https://{PAGES}:{port}", webs, files)
        answers(f"{found.origin}/readyz", folder, verify=found.trusting)
        patched = stack.enter_context(pytest.MonkeyPatch.context())
        patched.setenv("REQUESTS_CA_BUNDLE", str(files.authority))
        patched.setenv("SSL_CERT_FILE", str(files.authority))
        # Asynchronous SDKs read that when their first part is loaded, which may have been for another server here.
        patched.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", aiohttp.connector._make_ssl_context(True))
        yield found


def _found(folder: Path, origin: str, webs: list[RunningServer], files: Files) -> Proxied:
    facts = json.loads((folder / "data" / "demo.json").read_text("utf-8"))
    endpoint = facts["acs"]["endpoint"].rstrip("/")
    strings = facts["acs"]["businesses"]
    ours, theirs = (
        Resource(endpoint, strings[one["slug"]], one["slug"], one["api_key"], files.authority)
        for one in facts["businesses"]
    )
    return Proxied(origin, ours, theirs, facts["graph"]["token"], webs, folder)
