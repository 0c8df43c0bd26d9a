"""The sites for nginx and the units for systemd are taken by those programs, and say what stands in the other files."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.cluster import AROUND, NGINX
from tests.integrations import authority
from vestibule.__main__ import _parser

DEPLOY = Path(__file__).parents[2] / "deploy"
FILES = Path(__file__).parents[2] / "src" / "vestibule" / "experience" / "parcel" / "files"
SITES = (
    [DEPLOY / "nginx" / "vestibule.conf"],
    [DEPLOY / "nginx" / "vestibule.conf", DEPLOY / "nginx" / "programs.conf"],
    [FILES / "nginx" / "vestibule.conf"],
)
UNITS = (*sorted((DEPLOY / "systemd").iterdir()), FILES / "systemd" / "vestibule.service")
INSTALLED = "/opt/vestibule/.venv/bin/vestibule"
RIGHTS = {
    *("NoNewPrivileges=yes", "CapabilityBoundingSet=", "RestrictSUIDSGID=yes", "LockPersonality=yes"),
    *("ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "PrivateDevices=yes", "UMask=0077"),
    *("ProtectKernelTunables=yes", "ProtectKernelModules=yes", "ProtectControlGroups=yes"),
    *("RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK", "ReadWritePaths=/var/lib/vestibule"),
}


@pytest.mark.skipif(NGINX is None, reason="NOT CHECKED by nginx: it is not installed (apt-get install nginx-light)")
@pytest.mark.parametrize("files", SITES, ids=["deploy", "deploy-programs", "zip"])
def test_nginx_takes_the_sites(files: list[Path], tmp_path: Path) -> None:
    _trusted, server = authority.make(tmp_path)
    text = "".join(file.read_text("utf-8") for file in files)
    text = text.replace("HOST_NAME", "visits.example.org").replace("PROGRAMS_NAME", "programs.example.org")
    text = re.sub(r"/etc/letsencrypt/live/[a-z.]+/\w+\.pem", str(server), text)
    (tmp_path / "site.conf").write_text(text.replace("/var/log/nginx", str(tmp_path)))
    (tmp_path / "nginx.conf").write_text(AROUND.format(folder=tmp_path, user=""))
    words = [str(NGINX), "-t", "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "error.log")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if "[warn]" in line and "http2" not in line]
    assert [line for line in told if '"user" directive' not in line] == []


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="NOT CHECKED by systemd: systemd-analyze is not installed (apt-get install systemd)",
)
@pytest.mark.parametrize("unit", UNITS, ids=lambda one: one.name)
def test_systemd_takes_the_unit(unit: Path, tmp_path: Path) -> None:
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text("utf-8").replace(INSTALLED, sys.executable))
    words = ["systemd-analyze", "verify", "--man=no", str(copy)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"})
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda one: one.name)
def test_a_unit_runs_a_command_there_is_and_may_write_its_data_and_nothing_else(unit: Path) -> None:
    lines = unit.read_text("utf-8").splitlines()
    assert set(lines) >= RIGHTS
    started = next(line.removeprefix("ExecStart=") for line in lines if line.startswith("ExecStart="))
    program, *words = started.replace("%i", "8001").split()
    assert program == INSTALLED
    _parser().parse_args(words)
