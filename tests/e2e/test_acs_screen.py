"""The page of a call that Microsoft carries, with a stand-in of Microsoft's kit: what a person is shown, and when."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.chromium import PATIENCE
from tests.e2e.accessible import look_at
from tests.e2e.acs_visit import SETTINGS, found_visit
from tests.e2e.letters import soon
from tests.servers import ROOT, running_server
from vestibule.store.addons import acs_calling

pytestmark = [pytest.mark.browser]
SOURCE = ROOT / "frontend" / "addons" / "acs-calling" / "testing" / "entry.ts"


def put_stand_in(data: Path) -> None:
    """Let the add-on be our adapter over a kit that the test drives."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("NOT CHECKED: node is not installed")
    place = acs_calling.folder(data)
    place.mkdir(parents=True)
    entry = place / "entry-STANDIN1.js"
    words = ["node_modules/esbuild/bin/esbuild", str(SOURCE), "--bundle", "--format=esm", f"--outfile={entry}"]
    subprocess.run([node, *words] if _is_script(ROOT / words[0]) else words, cwd=ROOT, check=True, capture_output=True)
    content = entry.read_bytes()
    file = {"name": entry.name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest = {"format": 1, "version": "0", "source": "0" * 16, "entry": entry.name, "files": [file]}
    (place / "manifest.json").write_text(json.dumps(manifest))


def _is_script(program: Path) -> bool:
    """esbuild's program is replaced by a native one where its package may run scripts."""
    return program.read_bytes()[:2] == b"#!"


@pytest.fixture(scope="module")
def inside(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Somebody who was let in here and knocks at the meeting."""
    folder = tmp_path_factory.mktemp("acs-screen")
    visit = found_visit(folder)
    put_stand_in(folder)
    with running_server(folder, demo=False, env=SETTINGS) as server:
        context = chromium.new_context(permissions=["camera", "microphone"], locale="en-GB")
        context.set_default_timeout(PATIENCE)
        name, _sign, value = str(visit["cookie"]).partition("=")
        context.add_cookies([{"name": name, "value": value, "url": server.origin}])
        page = context.new_page()
        page.goto(f"{server.origin}/visit")
        page.locator("[data-check=join]:not([data-without])").click()
        soon(lambda: page.evaluate("() => (window.kit?.calls.length ?? 0) > 0"), "an attempt to join")
        yield page
        context.close()


def test_a_visit_at_microsoft_from_its_door_to_its_end(inside: Page) -> None:
    page = inside
    page.evaluate("kit.call.become('InLobby')")
    expect(page.locator("[data-outside=lobby]")).to_contain_text("Waiting to be let in by Teams")
    look_at(page, "the lobby")

    page.evaluate("kit.call.become('Connected')")
    expect(page.locator("[data-outside=lobby]")).to_have_count(0)
    expect(page.locator("[data-encryption=outside]")).to_contain_text("not end-to-end encrypted")
    page.evaluate(
        "() => { const bo = new FakePerson('Dr Bo Lund'); window.bo = bo; kit.call.meet(bo); bo.add(new FakeVideo()); }"
    )
    tile = page.locator("video-tile[data-kind=camera]")
    expect(tile).to_contain_text("Dr Bo Lund")
    drawn = tile.locator("div.call__remote canvas")
    expect(drawn).to_be_visible()
    size, whole = drawn.bounding_box(), tile.bounding_box()
    assert size is not None
    assert whole is not None
    assert size["width"] > whole["width"] * 0.9, "the picture fills its place"

    page.evaluate(
        "() => { const of = kit.call.features.Recording; of.isRecordingActive = true;"
        " of.say('isRecordingActiveChanged'); }"
    )
    expect(page.locator("[data-outside=recording]")).to_contain_text("Recorded in the meeting")
    expect(page.get_by_text("being recorded by whoever holds it").first).to_be_visible()

    page.locator("[data-outside=captions]").click()
    page.evaluate(
        "kit.call.features.Captions.captions.hear("
        "{captionText: 'Good morning', resultType: 'Final', speaker: {displayName: 'Dr Bo Lund'}})"
    )
    expect(page.locator(".call__captions")).to_contain_text("Dr Bo Lund: Good morning")

    page.locator("call-controls [data-control=mic]").click()
    soon(lambda: page.evaluate("kit.call.done.includes('mute')"), "the kit to mute")
    page.locator("call-controls [data-control=people]").click()
    expect(page.get_by_role("list", name="In the meeting")).to_contain_text("Dr Bo Lund")
    look_at(page, "the call, with its people")

    page.evaluate("kit.call.end(0, 5300)")
    expect(page.get_by_role("heading", level=1)).to_have_text("You were taken out of the meeting")
    expect(page.locator("[data-ended-elsewhere]")).to_have_count(0)
    look_at(page, "its end")
