"""Microsoft's Java libraries as they come: programs of ours and of the guide, compiled with them, and run."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import ROOT

SOURCES = ROOT / "tests" / "sdk" / "java"
GUIDE = ROOT / "docs" / "how-to" / "programs" / "azure-sdk.md"
IN_THE_GUIDE = ("endpoint=https://localhost:8443/;accesskey=…", "https://localhost:8443")
"""The connection string and the endpoint that the guide's example has in place of one's own."""
MOST_SECONDS = 900
"""For Maven, which fetches some 100 MB the first time."""
PASSWORD = "changeit"


def require_java() -> None:
    """Skip the test where this was not asked for, or a program it needs is missing."""
    if os.environ.get("JAVA_SDKS") != "1":
        pytest.skip(
            "NOT RUN: Microsoft's Java libraries are 100 MB and take minutes to fetch and build: JAVA_SDKS=1 does"
        )
    missing = [name for name in ("java", "mvn", "keytool") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"NOT RUN: {', '.join(missing)} not found (apt-get install default-jdk-headless maven)")


@dataclass(frozen=True)
class Programs:
    """Compiled programs, with all they need, and the store by which they trust a server."""

    class_path: str
    store: Path

    def run(self, name: str, *words: str) -> str:
        """Run the program `name` to its end and return what it printed."""
        trusting = [f"-Djavax.net.ssl.trustStore={self.store}", f"-Djavax.net.ssl.trustStorePassword={PASSWORD}"]
        return _done(["java", *trusting, "-cp", self.class_path, name, *words], within=600)


def built(folder: Path, *, connection_string: str, endpoint: str, authority: Path) -> Programs:
    """Compile our walk and the guide's example, which gets this connection string and endpoint for its own."""
    place = folder / "java"
    shutil.copytree(SOURCES, place)
    example = _example()
    for text, own in zip(IN_THE_GUIDE, (connection_string, endpoint), strict=True):
        assert f'"{text}"' in example, f"the guide's example has no {text}"
        example = example.replace(f'"{text}"', f'"{own}"')
    (place / "src" / "main" / "java" / "First.java").write_text(example, "utf-8")
    words = ["mvn", "-q", "-B", "-f", str(place), "compile", "dependency:build-classpath"]
    _done([*words, f"-Dmdep.outputFile={place}/class-path"], within=MOST_SECONDS)
    store = folder / "trust.p12"
    kept = ["-keystore", str(store), "-storetype", "PKCS12", "-storepass", PASSWORD]
    _done(["keytool", "-importcert", "-noprompt", "-alias", "vestibule", "-file", str(authority), *kept], within=60)
    return Programs(f"{place}/target/classes:{(place / 'class-path').read_text('utf-8').strip()}", store)


def _example() -> str:
    (found,) = re.findall(r"```java\n(.*?)```", GUIDE.read_text("utf-8"), flags=re.DOTALL)
    return str(found)


def _done(words: list[str], *, within: float) -> str:
    done = subprocess.run(words, capture_output=True, text=True, timeout=within, check=False)
    assert done.returncode == 0, f"{words[0]} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout
