"""Hosts that join links name: those of Microsoft that lead to meetings or wrap links to them, and known forwarders.

A host is compared whole, in small letters as `urlsplit` gives it; the two families of hosts that Microsoft numbers, and
those of forwarders, are the only ones told by a part of their name.
"""

import re

CLOUDS = {
    "teams.microsoft.com": "",
    "teams.cloud.microsoft": "",
    "gov.teams.microsoft.us": "gcch",
    "dod.teams.microsoft.us": "dod",
}
"""Where meetings of Teams are, and the cloud each is in."""
TEAMS_HOSTS = {"": "teams.microsoft.com", "gcch": "gov.teams.microsoft.us", "dod": "dod.teams.microsoft.us"}
"""The host that a fresh link names, by cloud."""
CONSUMER_HOSTS = frozenset({"teams.live.com"})
EVENT_HOSTS = frozenset({"events.teams.microsoft.com", "broadcast.teams.microsoft.com"})
VISIT_HOSTS = frozenset({"visit.teams.microsoft.com", "visit.gov.teams.microsoft.us", "visit.dod.teams.microsoft.us"})

_SAFE_LINKS = re.compile(r"[a-z]{2,4}[0-9]{2}\.safelinks\.protection\.(outlook\.com|office365\.us)")
_FORWARDERS = frozenset(
    {
        *("l.messenger.com", "l.facebook.com", "lm.facebook.com", "l.instagram.com", "l.workplace.com"),
        *("www.facebook.com", "l.whatsapp.com", "vk.com", "away.vk.com", "out.reddit.com", "slack-redir.net"),
        *("google.com", "www.google.com", "www.bing.com", "duckduckgo.com", "www.youtube.com", "www.linkedin.com"),
        *("urldefense.com", "urldefense.us", "linkprotect.cudasvc.com", "secure-web.cisco.com"),
        *("clicktime.symantec.com", "urlsand.esvalabs.com", "url.emailprotection.link", "link.edgepilot.com"),
        *("protect.checkpoint.com", "url.avanan.click", "linklock.titanhq.com", "statics.teams.cdn.office.net"),
        *("bit.ly", "t.co", "tinyurl.com", "lnkd.in", "aka.ms", "t.ly", "ow.ly", "buff.ly", "rebrand.ly", "is.gd"),
        *("goo.gl", "cutt.ly"),
    }
)
_FORWARDERS_BELOW = (".urldefense.com", ".proofpoint.com", ".mimecast.com", ".mimecastprotect.com", ".fireeye.com")


def is_meeting_host(host: str) -> bool:
    """Tell whether links to this host are read any further: it is Microsoft's, whatever it has to do with meetings."""
    return host in CLOUDS or host in VISIT_HOSTS or host in CONSUMER_HOSTS or host in EVENT_HOSTS or is_safe_links(host)


def is_safe_links(host: str) -> bool:
    """Tell whether this is a host of Outlook's Safe Links, such as nam06.safelinks.protection.outlook.com."""
    return _SAFE_LINKS.fullmatch(host) is not None


def is_forwarder(host: str) -> bool:
    """Tell whether this host is known to forward to addresses it is given. They are named, and never opened."""
    return host in _FORWARDERS or host.endswith(_FORWARDERS_BELOW)
