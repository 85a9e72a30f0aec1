"""What the examples for operators say: TLS, who may speak for an address, and as whom it runs."""

import re
from pathlib import Path

DEPLOY = Path(__file__).parent.parent / "deploy"


def _nginx_servers() -> dict[str, str]:
    """The server blocks of the example, by what they listen on."""
    text = re.sub(r"^\s*#.*$", "", (DEPLOY / "nginx.conf").read_text(), flags=re.MULTILINE)
    blocks = re.split(r"^server \{", text, flags=re.MULTILINE)[1:]
    return {re.findall(r"listen (\d+)", block)[0]: block for block in blocks}


def test_the_nginx_example_speaks_tls_1_2_and_1_3_only_with_forward_secrecy() -> None:
    tls = _nginx_servers()["443"]
    assert re.findall(r"ssl_protocols (.+);", tls) == ["TLSv1.2 TLSv1.3"]
    [ciphers] = re.findall(r"ssl_ciphers (.+);", tls)
    for cipher in ciphers.split(":"):
        assert cipher.startswith("ECDHE-"), cipher
        assert cipher.endswith(("GCM-SHA256", "GCM-SHA384", "CHACHA20-POLY1305")), cipher


def test_the_nginx_example_sends_who_comes_without_tls_to_the_house_and_nowhere_else() -> None:
    plain = _nginx_servers()["80"]
    # Not `$host`, which is what the client says.
    assert re.findall(r"return (.+);", plain) == ["301 https://$server_name$request_uri"]
    assert "proxy_pass" not in plain


def test_both_proxies_write_the_address_that_they_saw_over_what_the_client_says() -> None:
    tls = _nginx_servers()["443"]
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in tls
    assert "proxy_set_header X-Forwarded-Proto $scheme;" in tls
    caddy = (DEPLOY / "Caddyfile").read_text()
    assert "header_up X-Forwarded-For {remote_host}" in caddy
    assert "protocols tls1.2 tls1.3" in caddy


def test_the_server_runs_as_nobody_who_may_do_anything_else() -> None:
    unit = (DEPLOY / "teahouse.service").read_text()
    for line in ("DynamicUser=yes", "NoNewPrivileges=yes", "CapabilityBoundingSet=",
                 "ProtectSystem=strict", "UMask=0077"):  # fmt: skip
        assert line in unit.splitlines()
    container = (DEPLOY / "Containerfile").read_text().splitlines()
    assert "USER teahouse" in container
    assert container.index("USER teahouse") < next(
        number for number, line in enumerate(container) if line.startswith("CMD")
    )
