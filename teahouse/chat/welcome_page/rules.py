"""The page, as HTML in English and Chinese. Nothing of it comes from outside but what is escaped.

It needs no script, no picture and no other server.
"""

from __future__ import annotations

import base64
import hashlib
import html
from typing import Final

from teahouse.platform.languages import Language

_STYLE = """
:root { color-scheme: light dark; --ink: #23302a; --paper: #f7f5ef; --leaf: #3f6b4f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e6dd; --paper: #171c19; --leaf: #9cc7a9; }
}
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.65 system-ui, "Noto Sans CJK SC", "PingFang SC", sans-serif; }
main { max-width: 34rem; margin: 12vh auto; padding: 0 1.5rem; }
h1 { font-size: 1.75rem; font-weight: 600; margin: 0 0 .5rem; color: var(--leaf); }
h2 { font-size: 1rem; font-weight: 600; margin: 2.5rem 0 .5rem; }
ol { padding-left: 1.25rem; }
li { margin: .35rem 0; }
code { font: .95em ui-monospace, monospace; overflow-wrap: anywhere; }
.running { color: var(--leaf); }
"""

_FRAME = """<!doctype html>
<html lang="{tag}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
<main>
{content}
</main>
</html>
"""

_CONTENT: Final[dict[Language, str]] = {
    "en": """<h1>Teahouse</h1>
<p>A private chat server for <code>{server_name}</code>. It speaks Matrix, so any Matrix client
can sign in. Direct and private rooms are end-to-end encrypted: this server cannot read them.</p>
<p class="running">&#9679; The server is running.</p>
<h2>Connect a client</h2>
<ol>
<li>Take a Matrix client: Element, FluffyChat, nheko or another one.</li>
<li>Choose to sign in, and change the homeserver to <code>{url}</code></li>
<li>Sign in with your name and password. {registration}</li>
</ol>
<p>Your id is <code>@name:{server_name}</code>.</p>""",
    "zh": """<h1>茶馆 Teahouse</h1>
<p>这里是 <code>{server_name}</code> 的私人聊天服务器。
它使用 Matrix 协议，任何 Matrix 客户端都能登录。
私聊和私密房间是端到端加密的：服务器读不到内容。</p>
<p class="running">&#9679; 服务器正在运行。</p>
<h2>连接客户端</h2>
<ol>
<li>准备一个 Matrix 客户端：Element、FluffyChat、nheko 等等。</li>
<li>选择登录，把主服务器改为 <code>{url}</code></li>
<li>用您的用户名和密码登录。{registration}</li>
</ol>
<p>您的账号是 <code>@用户名:{server_name}</code>。</p>""",
}
_TITLES: Final[dict[Language, str]] = {"en": "Teahouse", "zh": "茶馆 Teahouse"}
_TAGS: Final[dict[Language, str]] = {"en": "en", "zh": "zh-Hans"}
_REGISTRATION: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "open": "No account yet? The client can create one here.",
        "token": "No account yet? Ask the operator for a registration token.",
        "closed": "Accounts are made by the operator.",
    },
    "zh": {
        "open": "还没有账号？可以直接在客户端里注册。",
        "token": "还没有账号？请向管理员索取注册令牌。",
        "closed": "账号由管理员创建。",
    },
}


def render_page(language: Language, *, server_name: str, url: str, registration: str) -> str:
    """The page.

    Args:
        language: of its text.
        server_name: the part of member ids after the colon.
        url: what a client calls the homeserver.
        registration: the setting: open, token or closed.
    """
    content = _CONTENT[language].format(
        server_name=html.escape(server_name),
        url=html.escape(url),
        registration=_REGISTRATION[language][registration],
    )
    return _FRAME.format(
        tag=_TAGS[language], title=_TITLES[language], style=_STYLE, content=content
    )


def compute_policy() -> str:
    """The content security policy: this page's own style, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}';"
        " form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
