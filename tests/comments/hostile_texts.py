"""Texts written to do harm, made here, so that every checkout is tried with them: some that would run a program in a
reader's browser, and some that would keep the server busy."""

from collections.abc import Iterator

CALL = "alert(1)"

# Ways to name a program as an address.
_ADDRESSES = [
    f"javascript:{CALL}",
    f"JaVaScRiPt:{CALL}",
    f" javascript:{CALL}",
    f"\x01javascript:{CALL}",
    f"java\tscript:{CALL}",
    f"java\nscript:{CALL}",
    f"java\u00adscript:{CALL}",
    f"javascript&colon;{CALL}",
    f"&#106;avascript:{CALL}",
    f"&#x6A;avascript:{CALL}",
    f"&#0000106avascript:{CALL}",
    f"javascript&#58;{CALL}",
    f"javascript%3A{CALL}",
    f"j&#97;v&#97;script:{CALL}",
    f"vbscript:{CALL}",
    f"data:text/html,<script>{CALL}</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "data:image/svg+xml,<svg onload=alert(1)>",
    f'//x.example"onmouseover="{CALL}',
    f'https://x.example/"onmouseover="{CALL}',
    f"https://x.example/'onmouseover='{CALL}",
    f"https://x.example/ onmouseover={CALL}",
    f"https://x.example/><script>{CALL}</script>",
    "file:///etc/passwd",
    "blob:https://x.example/1",
]

# Places an address stands in.
_LINKS = [
    "[x]({})",
    "[x](<{}>)",
    "![x]({})",
    '[x]({} "title")',
    "[x][1]\n\n[1]: {}",
    "<{}>",
    "{}",
    '<a href="{}">x</a>',
    "<a href={}>x</a>",
    '<iframe src="{}"></iframe>',
    '<form action="{}"><button>x</button></form>',
    '<svg><a xlink:href="{}"><text>x</text></a></svg>',
    "[![x]({})](https://x.example)",
]

# Marks that would be obeyed if they reached a page.
_MARKS = [
    f"<script>{CALL}</script>",
    f"<SCRIPT SRC=//x.example></SCRIPT>{CALL}",
    f"<scr<script>ipt>{CALL}</scr</script>ipt>",
    f"<script\n>{CALL}</script\n>",
    f"<script/x>{CALL}</script>",
    f"<<script>{CALL};//<</script>",
    f"<img src=x onerror={CALL}>",
    f"<img/src=x/onerror={CALL}>",
    f"<img src='x' onerror\n=\n'{CALL}'",
    f'<img """><script>{CALL}</script>">',
    f"<svg onload={CALL}>",
    f"<svg><script>{CALL}</script></svg>",
    f"<svg><style><img src=x onerror={CALL}></style></svg>",
    f"<math><mtext></form><form><mglyph><style></math><img src=x onerror={CALL}>",
    f'<math href="javascript:{CALL}">x</math>',
    f"<details open ontoggle={CALL}>",
    f"<video><source onerror={CALL}></video>",
    f"<body onload={CALL}>",
    f"<input autofocus onfocus={CALL}>",
    f'<div style="background:url(javascript:{CALL})">x</div>',
    f"<style>@import 'javascript:{CALL}';</style>",
    f"<template><script>{CALL}</script></template>",
    f'<noscript><p title="</noscript><img src=x onerror={CALL}>">',
    f"<textarea><script>{CALL}</script></textarea>",
    f"<!--><script>{CALL}</script>-->",
    f"<!-- --!><img src=x onerror={CALL}> -->",
    f"<![CDATA[<script>{CALL}</script>]]>",
    f"<?xml version='1.0'?><script>{CALL}</script>",
    "<!DOCTYPE html><html><head><base href=//x.example>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//x.example>",
    "<object data=javascript:alert(1)></object><embed src=javascript:alert(1)>",
    f"&lt;script&gt;{CALL}&lt;/script&gt;",
    f"\\<script\\>{CALL}\\</script\\>",
    f'``` "onclick={CALL}\n</code><script>{CALL}</script>\n```',
    f"`</code><script>{CALL}</script>`",
    f"> <script>\n> {CALL}\n> </script>",
    f"- <img src=x onerror={CALL}>\n  - <svg onload={CALL}>",
    f"**<b onmouseover={CALL}>x**</b>",
    f"<p id=comments class=x onclick={CALL}>x</p>",
    f"[<img src=x onerror={CALL}>](https://x.example)",
    f"[x](https://x.example '\"><img src=x onerror={CALL}>')",
    f'<https://x.example/"onclick="{CALL}>',
    f"\uff1cscript\uff1e{CALL}\uff1c/script\uff1e",
    f"<\x00script>{CALL}</script>",
    f"<a href=https://x.example target=_blank rel=opener onclick={CALL}>x</a>",
]

# What is repeated until a text has its full length: unclosed, interleaved or in one another.
_REPEATED = {
    "stars opened": "*a ", "stars closed": "a* ", "stars and lines": "*a _b ", "doubled": "**a *b ", "lines": "_a__b ",
    "brackets opened": "[a", "brackets closed": "a]", "brackets and stars": "[a *b ", "links unclosed": "[a](b",
    "links in angles": "[a](<b", "pictures in links": "[![a](", "brackets and rounds": "[(](", "ticks": "`a ``b ",
    "quotes": "> ", "lists": "- ", "numbers": "1. ", "lists and quotes": "- > ", "lines of lists": "- a\n",
    "fences": "```\n", "tildes": "~~~a\n", "angles": "<a ", "comments": "<!-- ", "declarations": "<!A ",
    "entities": "&a", "numbers of letters": "&#1", "slashes": "\\", "breaks": "a  \n", "addresses": "http://a.",
    "marks after addresses": "https://a.example/!!!!", "names": "a@", "tabs": "\t- a\n", "empty lines": "\n\n> ",
    "marks on one letter": "a\u0301",
}  # fmt: skip


def attacks() -> list[str]:
    """Each address in each place, and the marks."""
    return [place.format(address) for place in _LINKS for address in _ADDRESSES] + _MARKS


def bombs(size: int) -> Iterator[tuple[str, str]]:
    """Texts of exactly so many characters, by name."""
    for name, text in _REPEATED.items():
        yield name, (text * size)[:size]
    for name, (before, after) in {
        "brackets in brackets": ("[", "]"), "links in links": ("[", "](b)"), "stars in stars": ("*a **a ", "b** a*"),
        "pictures in pictures": ("![", "](b)"), "rounds in a link": ("(", ")"), "quotes in lists": ("- > ", ""),
    }.items():  # fmt: skip
        times = (size - 1) // len(before + after)
        yield name, (before * times + "x" + after * times).ljust(size, ".")
    # Runs of ticks, each one longer than the last: none closes another.
    yield "runs of ticks", " ".join("`" * length for length in range(1, 120))[:size].ljust(size, "`")
    yield "steps of a list", "".join("  " * depth + "- a\n" for depth in range(120))[:size].ljust(size, " ")
