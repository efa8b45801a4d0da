"""Opens pages of the site in a real browser, with a check that they keep to themselves."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler

from playwright.sync_api import Browser, Page


class Quiet(SimpleHTTPRequestHandler):
    """Python's file server, without its log."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def opened(
    browser: Browser,
    address: str,
    width: int = 1280,
    scheme: str = "light",
    script: bool = True,
    name: str = "index",
    before: str = "",
) -> Iterator[Page]:
    """A page under `address`, with a check that nothing was said on the console nor asked from
    outside; `before` is a script to run first."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=script,
    )
    context.set_default_timeout(60_000)  # long enough for the slowest machine
    page = context.new_page()
    if before:
        page.add_init_script(before)
    said: list[str] = []
    # A test that tapes what is heard does so with a node that Chromium calls deprecated.
    page.on(
        "console",
        lambda message: (
            None if "ScriptProcessorNode" in message.text else said.append(message.text)
        ),
    )
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "request",
        lambda asked: None if asked.url.startswith(address) else said.append(asked.url),
    )
    page.goto(f"{address}{name}.html")
    page.wait_for_load_state("networkidle")
    yield page
    context.close()
    assert said == []


def until(page: Page, expression: str) -> None:
    """Wait until an expression holds in the page, a minute at most.

    (Waiting in the page itself would need eval, which the page's policy forbids.)
    """
    for _ in range(600):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never came true: {expression}")
