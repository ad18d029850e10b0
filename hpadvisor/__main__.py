"""The program: ``hpadvisor`` and ``python -m hpadvisor``."""


def main() -> None:
    """Run the command line; Ctrl-C while it is being imported ends it without a traceback."""
    import os
    import signal

    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    from hpadvisor.cli.main import run

    run()


if __name__ == "__main__":
    main()
