"""The pages, as HTML. Nothing of them comes from outside but what is escaped here."""

from __future__ import annotations

import html
import json
from typing import Any

_FRAME = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Confirm that it is you</title>
<style nonce="{nonce}">
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 24rem; margin: 4rem auto }}
main {{ padding: 0 1rem }}
input, button {{ font: inherit; padding: .5rem; width: 100%; box-sizing: border-box }}
button {{ margin-top: 1rem }}
[role=alert] {{ color: #a00 }}
@media (prefers-color-scheme: dark) {{
  body {{ background: #181818; color: #eee }} [role=alert] {{ color: #f88 }}
}}
</style>
<main>
<h1>Confirm that it is you</h1>
{content}
</main>
</html>
"""

_CODE_FORM = """<form method="post">
<label for="code">One-time code, or a recovery code</label>
<input id="code" name="code" autocomplete="one-time-code" autofocus required maxlength="64">
<button>Confirm</button>
</form>"""

_PASSKEY_FORM = """<form method="post" id="form">
<input type="hidden" name="credential" id="credential">
<button id="button" type="button">Use a passkey</button>
</form>
<p id="trouble" role="alert"></p>
<script type="application/json" id="options" nonce="{nonce}">{options}</script>
<script nonce="{nonce}">
"use strict";
const decode = (text) => Uint8Array.from(
  atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const encode = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
  .replace(/\\+/g, "-").replace(/\\//g, "_").replace(/=+$/, "");
const byId = (id) => document.getElementById(id);
async function confirm() {{
  const options = JSON.parse(byId("options").textContent);
  options.challenge = decode(options.challenge);
  for (const known of options.allowCredentials) known.id = decode(known.id);
  const found = await navigator.credentials.get({{ publicKey: options }});
  byId("credential").value = JSON.stringify({{
    id: found.id, rawId: encode(found.rawId), type: found.type,
    response: {{
      clientDataJSON: encode(found.response.clientDataJSON),
      authenticatorData: encode(found.response.authenticatorData),
      signature: encode(found.response.signature),
    }},
  }});
  byId("form").submit();
}}
byId("button").addEventListener("click", () => confirm().catch((trouble) => {{
  byId("trouble").textContent = trouble.message;
}}));
</script>"""

# Client-Server API, "Fallback": how the page tells the client that the stage is done.
_DONE = """<p>Confirmed. You can close this page and go back to your client.</p>
<script nonce="{nonce}">
"use strict";
if (window.onAuthDone) window.onAuthDone();
else if (window.opener && window.opener.postMessage) window.opener.postMessage("authDone", "*");
</script>"""


def render_code_page(nonce: str, trouble: str | None) -> str:
    """The page that asks for a one-time code."""
    return _page(_alert(trouble) + _CODE_FORM, nonce)


def render_passkey_page(nonce: str, trouble: str | None, options: dict[str, Any]) -> str:
    """The page that asks for a passkey."""
    # "<" could end the script element that carries the JSON.
    text = json.dumps(options).replace("<", "\\u003c")
    return _page(_alert(trouble) + _PASSKEY_FORM.format(nonce=nonce, options=text), nonce)


def render_done_page(nonce: str) -> str:
    """The page that tells the client to go on."""
    return _page(_DONE.format(nonce=nonce), nonce)


def render_lost_page(nonce: str) -> str:
    """The page for a session that is not there."""
    return _page(_alert("This page has expired. Go back to your client and start again."), nonce)


def compute_policy(nonce: str) -> str:
    """The content security policy: this page's own script and style, and nothing else."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def _alert(trouble: str | None) -> str:
    return "" if trouble is None else f'<p role="alert">{html.escape(trouble)}</p>\n'


def _page(content: str, nonce: str) -> str:
    return _FRAME.format(nonce=nonce, content=content)
