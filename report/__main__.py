"""Entry point of the `latentes` command; handles signals before loading the rest."""

from report.signals import interruptible


def main() -> None:
    """Load and run the command line."""
    with interruptible():
        from report.cli import main as run

        run()


if __name__ == "__main__":
    main()
