"""Proof that media arrived: people with a colour and a tone of their own, and readings from what the other side plays.

A pretended camera is chosen per browser process, so two people are two browsers.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserType, Page

from tests.chromium import FLAGS, executable

PALETTE = {"red": (192, 32, 32), "blue": (32, 64, 192), "green": (32, 160, 64), "black": (0, 0, 0), "white": (255,) * 3}
LOUD_DB = -40.0

# The mean colour of 5 × 5 pixels in the middle of what an element shows now.
COLOUR = """(video) => {
  if (!video || video.readyState < 2 || video.videoWidth === 0 || video.paused) return null;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 5;
  const [x, y] = [video.videoWidth / 2 - 2, video.videoHeight / 2 - 2];
  const draw = canvas.getContext('2d', {willReadFrequently: true});
  draw.drawImage(video, x, y, 5, 5, 0, 0, 5, 5);
  const data = draw.getImageData(0, 0, 5, 5).data;
  const mean = [0, 0, 0];
  for (let i = 0; i < data.length; i += 4) for (let c = 0; c < 3; c++) mean[c] += data[i + c] / 25;
  return mean.map(Math.round);
}"""

# In how many of ten looks at the sound the others make is there a peak within three bins of `hz`, louder than `db` and
# than all the rest but the pitches of `others`, who may beep at the same moments (40 bins are 117 Hz)?
TONE = """async ([hz, db, others]) => {
  const streams = [...document.querySelectorAll('#visit audio')].map((a) => a.srcObject).filter(Boolean);
  const tracks = streams.flatMap((stream) => stream.getAudioTracks());
  if (!tracks.length) return 0;
  const context = new AudioContext();
  await context.resume();
  const analyser = context.createAnalyser();
  analyser.fftSize = 16384;
  analyser.smoothingTimeConstant = 0;
  for (const track of tracks) context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const bins = new Float32Array(analyser.frequencyBinCount);
  const bin = (pitch) => Math.round(pitch / (context.sampleRate / analyser.fftSize));
  const at = bin(hz);
  let heard = 0;
  for (let look = 0; look < 10; look++) {
    await new Promise((resolve) => setTimeout(resolve, 170));
    analyser.getFloatFrequencyData(bins);
    for (const other of others) bins.fill(-Infinity, bin(other) - 40, bin(other) + 41);
    const near = Math.max(...bins.slice(at - 3, at + 4));
    if (near > db && near === Math.max(...bins.slice(20))) heard++;
  }
  await context.close();
  return heard;
}"""


@dataclass(frozen=True)
class Identity:
    """How a person is recognised: the colour their camera shows, the pitch of their beeps in hertz."""

    colour: str
    pitch: int


RED = Identity("red", 660)
BLUE = Identity("blue", 1000)


def make_media(identity: Identity, folder: Path, *, restless: bool = False) -> tuple[Path, Path]:
    """Write the picture and the sound of `identity` and return both files. Beeps, as steady tones are filtered out.

    A plain colour costs next to nothing to send; a `restless` one, grainy and large, as much as it is given.
    """
    red, green, blue = PALETTE[identity.colour]
    picture, sound = folder / f"{identity.colour}.y4m", folder / f"beep{identity.pitch}.wav"
    colour = f"color=c=0x{red:02X}{green:02X}{blue:02X}"
    colour += ":s=640x360:r=15:d=2,noise=alls=40:allf=t" if restless else ":s=320x180:r=10:d=1"
    beep = f"aevalsrc='0.5*sin(2*PI*{identity.pitch}*t)*lt(mod(t,0.5),0.25)':s=48000:d=4"
    for source, last in ((colour, ["-pix_fmt", "yuv420p", picture]), (beep, ["-ac", "1", "-c:a", "pcm_s16le", sound])):
        words = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source, *map(str, last)]
        subprocess.run(words, check=True, timeout=30)
    return picture, sound


@contextmanager
def person_with(
    identity: Identity,
    folder: Path,
    like: BrowserType,
    *more_flags: str,
    program: str | None = None,
    restless: bool = False,
) -> Iterator[Browser]:
    """A browser whose camera and microphone are `identity`. `program` starts it in another way than by its own name."""
    picture, sound = make_media(identity, folder, restless=restless)
    flags = [
        *FLAGS,
        f"--use-file-for-fake-video-capture={picture}",
        f"--use-file-for-fake-audio-capture={sound}",
        *(["--no-sandbox"] if os.geteuid() == 0 or os.environ.get("CI") else []),
        *more_flags,
    ]
    browser = like.launch(executable_path=program or executable(), args=flags)
    try:
        yield browser
    finally:
        browser.close()


def colour_seen(page: Page, selector: str) -> str | None:
    """The name of the palette's colour nearest to what the video element shows; None when it shows nothing."""
    found = page.query_selector(selector)
    mean: Any = found.evaluate(COLOUR) if found and found.is_visible() else None
    if mean is None:
        return None
    return min(PALETTE, key=lambda name: sum((a - b) ** 2 for a, b in zip(PALETTE[name], mean, strict=True)))


def tone_heard(page: Page, pitch: int, *, beside: Sequence[int] = ()) -> bool:
    """Whether the others' sound holds beeps of `pitch` hertz: seen in at least three of ten looks.

    `beside` are the pitches of others who are heard there too, and may be as loud at the same moments.
    """
    looks: int = page.evaluate(TONE, [pitch, LOUD_DB, list(beside)])
    return looks >= 3


def tone_gone(page: Page, pitch: int) -> bool:
    """Whether not one of ten looks finds a beep of `pitch` hertz."""
    looks: int = page.evaluate(TONE, [pitch, LOUD_DB, []])
    return looks == 0
