"""`python -m backend` is the command `qingtian`."""

from backend.cli import app

if __name__ == "__main__":
    app(prog_name="qingtian")
