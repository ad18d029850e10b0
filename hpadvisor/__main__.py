"""``python -m hpadvisor``."""

from hpadvisor.cli.main import run

if __name__ == "__main__":
    run()
