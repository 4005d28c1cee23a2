#!/usr/bin/env python3
"""Puts the page into one file, which needs no server: `python3 bundle.py FOLDER PAGE.html`.

FOLDER has what `wasm-bindgen --target no-modules` wrote: ckn_web.js and ckn_web_bg.wasm. In the page, `/* NAME */` stands for
the file NAME: text as it is, other files as base64.
"""

import base64
import gzip
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
TEXT = {".js", ".css"}


def content(name, built):
    packed = name.endswith(".gz")
    found = [folder / name.removesuffix(".gz") for folder in (HERE / "page", HERE, built)]
    path = next((path for path in found if path.is_file()), None)
    if path is None:
        sys.exit(f"bundle: there is no {name}")
    if path.suffix in TEXT:
        text = inlined(path.read_text(), built)
        if "</script" in text or "</style" in text:
            sys.exit(f"bundle: {path} would end the element that it stands in")
        return text
    read = path.read_bytes()
    # Without a time, so that equal input gives equal bytes.
    return base64.b64encode(gzip.compress(read, 9, mtime=0) if packed else read).decode()


def inlined(text, built):
    return re.sub(r"/\* ([\w./-]+\.(?:js|css|wasm|gz|ckn|fa)) \*/", lambda found: content(found[1], built), text)


def main():
    built, page = map(Path, sys.argv[1:])
    page.write_text(inlined((HERE / "page/index.html").read_text(), built))
    print(f"{page}: {page.stat().st_size} bytes")


if __name__ == "__main__":
    main()
