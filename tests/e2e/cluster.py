"""The product as it grows: two web processes and a worker on PostgreSQL and Redis, behind nginx as shipped; a relay."""

import os
import re
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.e2e.turn import PROGRAM as TURN
from tests.e2e.turn import turn_server
from tests.integrations.redis_server import Redis
from tests.postgres import make_database, running_postgres
from tests.servers import RunningServer, _environment, free_port, listens, running_server

SHIPPED = Path(__file__).parents[2] / "deploy" / "nginx" / "vestibule.conf"
NGINX = shutil.which("nginx") or next((str(path) for path in [Path("/usr/sbin/nginx")] if path.exists()), None)
AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
worker_processes 1;
worker_shutdown_timeout 120s;
events {{ worker_connections 512; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@dataclass
class Cluster:
    """Two web processes and what stands before them."""

    origin: str
    webs: list[RunningServer]
    nginx: "subprocess.Popen[bytes]"
    folder: Path
    port: int

    def send_newcomers_to(self, *numbers: int) -> None:
        """Let new connections reach these web processes only; connections that stand go on."""
        config = self.folder / "site.conf"
        config.write_text(site(self.folder, self.port, [self.webs[number].port for number in numbers]))
        before = _workers(self.nginx.pid)
        self.nginx.send_signal(1)  # SIGHUP: read the configuration again
        until = time.monotonic() + 60
        while not _workers(self.nginx.pid) - before:
            assert time.monotonic() < until, "nginx did not take its new configuration"
            time.sleep(0.05)
        time.sleep(0.2)

    def move_clocks(self, instant: str) -> None:
        for web in self.webs:
            web.move_clock(set=instant)

    def log(self) -> str:
        """The access log of nginx."""
        return (self.folder / "access.log").read_text("utf-8")


def site(folder: Path, port: int, webs: list[int]) -> str:
    """The shipped site without TLS, which needs a certificate, on a port of the test."""
    text = SHIPPED.read_text("utf-8").replace("HOST_NAME", "localhost")
    servers = "".join(f"    server 127.0.0.1:{web} max_fails=1 fail_timeout=2s;\n" for web in webs)
    text = re.sub(r"(?:    server 127\.0\.0\.1:\d+ [^\n]*\n)+", servers, text)
    text = re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", text, flags=re.DOTALL)
    text = re.sub(r"    (listen \[::\]|ssl_)[^\n]*\n", "", text)
    text = text.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port};")
    text = text.replace("/var/log/nginx/vestibule.log", f"{folder}/access.log")
    return text.replace("proxy_set_header Host $host;", "proxy_set_header Host $http_host;")


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Start everything; skip, by name, where a program is missing."""
    for program, package in ((NGINX, "nginx-light"), (shutil.which("redis-server"), "redis-server"), (TURN, "coturn")):
        if program is None:
            pytest.skip(f"{package} is not installed (apt-get install {package})")
    port = free_port()
    origin = f"http://localhost:{port}"
    with ExitStack() as stack:
        database = make_database(stack.enter_context(running_postgres()), "cluster")
        redis = Redis(free_port(), folder)
        redis.start()
        stack.callback(redis.stop)
        relay = stack.enter_context(turn_server(folder))
        env = {
            "VESTIBULE_TURN_URLS": f"turn:127.0.0.1:{relay.port}",
            "VESTIBULE_TURN_SECRET": relay.secret,
            "VESTIBULE_DATABASE_URL": database,
            "VESTIBULE_REDIS_URL": redis.url,
            "VESTIBULE_PUBLIC_URL": origin,
            "VESTIBULE_TRUSTED_PROXIES": "127.0.0.1",
        }
        webs = [stack.enter_context(running_server(folder / "data", command="web", env=env)) for _ in range(2)]
        worker(stack, folder / "data", env)
        nginx = begin_nginx(stack, folder, port, site(folder, port, [web.port for web in webs]))
        answers(f"http://localhost:{port}/readyz", folder)
        yield Cluster(origin, webs, nginx, folder, port)


def worker(stack: ExitStack, data: Path, env: dict[str, str]) -> None:
    """Start a worker, which ends with `stack`."""
    log = stack.enter_context((data / "worker.log").open("ab"))
    words = [sys.executable, "-m", "vestibule", "worker"]
    process = subprocess.Popen(words, env=_environment(data, env), stdout=log, stderr=subprocess.STDOUT)
    stack.callback(process.wait, 15)
    stack.callback(process.terminate)


def begin_nginx(stack: ExitStack, folder: Path, port: int, sites: str) -> "subprocess.Popen[bytes]":
    """Start nginx with `sites`, one of which listens at `port`; it ends with `stack`."""
    assert NGINX is not None
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "site.conf").write_text(sites)
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
    process = subprocess.Popen([NGINX, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")])
    stack.callback(process.wait, 15)
    stack.callback(process.terminate)
    assert listens(port, process), (folder / "error.log").read_text(errors="replace")[-2000:]
    return process


def answers(address: str, folder: Path, *, verify: ssl.SSLContext | bool = True) -> None:
    """Wait until nginx passes on what is asked at `address`."""
    until = time.monotonic() + 60
    while True:
        with suppress(httpx.TransportError):
            if httpx.get(address, timeout=10, verify=verify).is_success:
                return
        assert time.monotonic() < until, (folder / "error.log").read_text(errors="replace")[-2000:]
        time.sleep(0.05)


def _workers(master: int) -> set[int]:
    children = Path(f"/proc/{master}/task/{master}/children").read_text()
    return {int(pid) for pid in children.split()}
