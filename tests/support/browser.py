"""The browser that pages are opened in: Debian's."""

CHROMIUM = "/usr/bin/chromium"
