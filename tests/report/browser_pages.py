"""Opens pages of the site in a real browser; fails on console output or external requests."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler

from playwright.sync_api import Browser, Page


class QuietHandler(SimpleHTTPRequestHandler):
    """Python's file server, without its log."""

    def log_message(self, format: str, *args: object) -> None:
        """Do not log requests."""


@contextmanager
def opened(
    browser: Browser,
    address: str,
    width: int = 1280,
    scheme: str = "light",
    script: bool = True,
    name: str = "informe",
    init_script: str = "",
    touch: bool = False,
) -> Iterator[Page]:
    """Open the page `name` under `address`.

    `script` turns JavaScript on; `init_script` runs before the page's own scripts; with `touch`,
    elements can be tapped.

    Raises:
        AssertionError: the page wrote to the console, failed or requested another address.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=script,
        has_touch=touch,
    )
    context.set_default_timeout(60_000)  # for the slowest machine
    page = context.new_page()
    if init_script:
        page.add_init_script(init_script)
    unexpected: list[str] = []
    # Tests that record audio use ScriptProcessorNode, which Chromium warns is deprecated.
    page.on(
        "console",
        lambda message: (
            None if "ScriptProcessorNode" in message.text else unexpected.append(message.text)
        ),
    )
    page.on("pageerror", lambda error: unexpected.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((address, "blob:"))  # blobs are made by the page itself
            else unexpected.append(request.url)
        ),
    )
    page.goto(f"{address}{name}.html")
    yield page
    context.close()
    assert unexpected == []


def wait_until(page: Page, expression: str) -> None:
    """Wait until a JavaScript expression is true, for at most a minute.

    Playwright's own wait needs eval, which the page's policy forbids.
    """
    for _ in range(600):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"timed out waiting for: {expression}")
