"""The `latentes` command as it is started: it may be interrupted before it is loaded."""

from report.signals import interruptible


def main() -> None:
    """Load and run the command."""
    with interruptible():
        from report.cli import main as run

        run()


if __name__ == "__main__":
    main()
