"""`teahouse miniprogram check`: what a program's maker is told before it is installed."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from teahouse.cli import main
from teahouse.miniprograms.registry.live import SHIPPED

MANIFEST = """
id = "org.example.dice"
version = "1.0"
author = "Somebody"
[name]
en = "Dice"
zh = "骰子"
[description]
en = "Rolls dice."
zh = "掷骰子。"
"""
PAGE = "<!doctype html><title>Dice</title>"


def _check(folder: Path, files: Mapping[str, str], *options: str) -> Result:
    whole = {"manifest.toml": MANIFEST, "index.html": PAGE, "icon.svg": "<svg/>", **files}
    for path, text in whole.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return CliRunner().invoke(main, ["miniprogram", "check", str(folder), *options])


def _found(result: Result) -> list[tuple[str, int, str, str]]:
    found = msgspec.json.decode(result.stdout)["findings"]
    return [(one["path"], one["line"], one["level"], one["code"]) for one in found]


@pytest.mark.parametrize("name", ["coffee", "shared_book"])
def test_what_comes_with_teahouse_has_nothing_amiss(name: str) -> None:
    result = CliRunner().invoke(main, ["miniprogram", "check", str(SHIPPED / name)])
    assert (result.exit_code, result.stdout.endswith("nothing amiss.\n")) == (0, True)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<script>alert(1)</script>", "inline-script"),
        ("<script type=module>import 'x'</script>", "inline-script"),
        ('<p onclick="go()">Go</p>', "inline-script"),
        ('<a href="javascript:go()">Go</a>', "inline-script"),
        ("<style>p {}</style>", "inline-style"),
        ('<p style="color: red">Red</p>', "inline-style"),
        ('<script src="https://cdn.example/a.js"></script>', "third-party"),
        ('<img src="//cdn.example/a.png">', "third-party"),
        ('<link rel="stylesheet" href="http://cdn.example/a.css">', "third-party"),
        ('<img src="/icon.svg">', "outside"),
        ('<script src="gone.js"></script>', "missing-file"),
        ('<img src="../../up.png">', "missing-file"),
        ('<iframe src="index.html"></iframe>', "no-frames"),
        ('<base href="/">', "no-frames"),
        ('<meta http-equiv="refresh" content="0;url=x">', "leaves"),
        ('<form action="/buy"></form>', "no-forms"),
        ('<script src="index.html" integrity="sha256-x"></script>', "integrity"),
    ],
)
def test_a_page_that_its_frame_would_break_is_told_with_its_line(
    tmp_path: Path, body: str, code: str
) -> None:
    result = _check(tmp_path, {"index.html": f"{PAGE}\n{body}"}, "--json")
    assert result.exit_code == 1
    assert _found(result) == [("index.html", 2, "error", code)]


@pytest.mark.parametrize(
    "files",
    [
        {"index.html": f'{PAGE}<script type="module" src="a/b.js?x=1"></script>', "a/b.js": "1"},
        {"index.html": f'{PAGE}<link rel="stylesheet" href="/miniprograms/sdk/1/teahouse.css">'},
        {"index.html": f'{PAGE}<script type="application/json">{{"a": 1}}</script>'},
        {"index.html": f'{PAGE}<img src="data:image/png;base64,AAAA"><a href="#top">Top</a>'},
        {"a.css": "/* @import url(https://x.example/) */ p { background: url(icon.svg) }"},
        {"a.js": 'import { begin } from "/miniprograms/sdk/1/teahouse.js"; // fetch("x")\n'},
        {"icon.svg": '<svg><use href="#leaf"/></svg>'},
    ],
)
def test_what_works_is_not_complained_of(tmp_path: Path, files: dict[str, str]) -> None:
    result = _check(tmp_path, files, "--json")
    assert (result.exit_code, _found(result)) == (0, [])


@pytest.mark.parametrize(
    ("files", "level", "code"),
    [
        ({"a.css": "\n@import 'https://x.example/a.css';"}, "error", "third-party"),
        ({"a.js": "\nimport 'https://x.example/a.js'"}, "error", "third-party"),
        ({"a.js": "\nawait fetch('/api')"}, "warning", "no-network"),
        ({"a.js": "\nnew RTCPeerConnection()"}, "warning", "no-webrtc"),
        ({"a.js": "\nlocalStorage.x = 1"}, "warning", "no-storage"),
        ({"a.js": "\neval('1')"}, "warning", "no-eval"),
        ({"a.js": "\nnew Worker('a.js')"}, "warning", "no-workers"),
    ],
)
def test_scripts_and_styles_are_read_as_well(
    tmp_path: Path, files: dict[str, str], level: str, code: str
) -> None:
    result = _check(tmp_path, files, "--json")
    # What only looks so does not fail the check.
    assert result.exit_code == (1 if level == "error" else 0)
    assert _found(result) == [(*files, 2, level, code)]


@pytest.mark.parametrize(
    "files",
    [
        {"manifest.toml": "id = 1"},
        {"run.exe": "x"},
        {"large.js": " " * (2 * 1024 * 1024 + 1)},
        {"manifest.toml": MANIFEST.replace("1.0", '1.0"\nentry = "gone.html')},
    ],
)
def test_what_cannot_be_installed_is_told_as_the_server_would(
    tmp_path: Path, files: dict[str, str]
) -> None:
    result = _check(tmp_path, files)
    assert result.exit_code == 1
    assert "invalid-program" in result.stdout


def test_a_folder_that_is_not_there_is_a_misuse(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["miniprogram", "check", str(tmp_path / "gone")])
    assert result.exit_code == 2
