"""How the reference client names itself to the server."""

APP_VERSION = "qingtian-phone 0.2"
