"""CalDAV (RFC 4791, 6578, 6764): calendars of Nextcloud, iCloud, Radicale, Fastmail and many others."""
