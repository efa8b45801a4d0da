"""A PDF whose links lead elsewhere, made without setting its pages anew."""

import re

ANNOTATION = re.compile(rb"^(\d+) 0 obj\n(<</Type/Annot\b.*)\nendobj$", re.MULTILINE)
TRAILER = re.compile(rb"trailer\n<<(.*)>>\nstartxref\n(\d+)\n%%EOF\s*\Z")


def relink(pdf: bytes, old: str, new: str) -> bytes:
    """The same document, each link to an address that begins with `old` beginning with `new`, and
    so its description where that is the address.

    The changed links follow the document as an incremental update (ISO 32000-1, 7.5.6), so that
    all else keeps its bytes and its place. `pdf` is as Typst writes it: a table of references,
    and an object a line for each link.

    Raises:
        ValueError: a link was not found where Typst writes them.
    """
    before = f"/URI({old}".encode()
    stated = re.compile(rb"(/URI\(|/Contents\()" + re.escape(old.encode()))
    trailer = TRAILER.search(pdf)
    changed = {
        int(found[1]): stated.sub(lambda key: key[1] + new.encode(), found[2])
        for found in ANNOTATION.finditer(pdf)
        if before in found[2]
    }
    if trailer is None or len(changed) != pdf.count(before):
        raise ValueError("the PDF is not as Typst writes them")
    text = bytearray(pdf)
    table = bytearray(b"xref\n0 1\n0000000000 65535 f \n")
    for number, body in sorted(changed.items()):
        table += b"%d 1\n%010d 00000 n \n" % (number, len(text))
        text += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    ends = b"trailer\n<<%b/Prev %b>>\nstartxref\n%d\n%%%%EOF\n" % (
        trailer[1], trailer[2], len(text),
    )  # fmt: skip
    return bytes(text + table + ends)
