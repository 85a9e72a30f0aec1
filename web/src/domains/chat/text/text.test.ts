import { describe, expect, it } from "vitest";
import { listPills, readHtml, readPill } from "./html";
import { readMarkdown } from "./markdown";
import { applyMark, markOfKey, readQuery } from "./marks";

describe("what a member writes", () => {
  it.each([
    ["**bold**, _slanted_, ~~gone~~", "<strong>bold</strong>, <em>slanted</em>, <s>gone</s>"],
    ["`code`", "<code>code</code>"],
    ["> quoted\n\nand not", "<blockquote>\n<p>quoted</p>\n</blockquote>\n<p>and not</p>"],
    ["- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"],
    ["3. three", '<ol start="3">\n<li>three</li>\n</ol>'],
    ["[tea](https://tea.example)", '<a href="https://tea.example">tea</a>'],
    ["a < b **and** c", "a &lt; b <strong>and</strong> c"],
  ])("%j becomes HTML", (typed, html) => {
    expect(readMarkdown(typed)).toMatchObject({ body: typed, formatted: html });
  });

  it.each([
    "plain",
    "two\nlines",
    "two\n\nparagraphs",
    "snake_case_name and 2 < 3",
    "https://tea.example/_a_?b=*c*",
    "看https://tea.example/茶。好",
    "<b>no tag</b>",
    "title\n---x",
  ])("%j stays plain", (typed) => {
    expect(readMarkdown(typed).formatted).toBeUndefined();
  });

  it("never becomes a script", () => {
    const { formatted } = readMarkdown("**x** <img src=x onerror=alert(1)> [a](javascript:alert(1))");
    expect(formatted).not.toContain("<img");
    expect(formatted).not.toContain("href");
  });

  it("names members, the longest name first", () => {
    const lin = { userId: "@lin:tea.example", name: "Lin" };
    const yue = { userId: "@yue:tea.example", name: "Lin Yue" };
    const written = readMarkdown("@Lin Yue, tea?", [lin, yue]);
    expect(written.userIds).toEqual(["@yue:tea.example"]);
    expect(written.formatted).toBe(
      '<a href="https://matrix.to/#/%40yue%3Atea.example">@Lin Yue</a>, tea?',
    );
    expect(readMarkdown("tea?", [lin]).userIds).toEqual([]);
  });

  it("calls the room only if that is allowed", () => {
    expect(readMarkdown("@room tea", [], true).isRoom).toBe(true);
    expect(readMarkdown("@room tea", [], false).isRoom).toBe(false);
    expect(readMarkdown("me@room.example", [], true).isRoom).toBe(false);
  });
});

describe("HTML of strangers", () => {
  it("keeps what is allowed and the text of the rest", () => {
    expect(readHtml("<p>a <marquee>b</marquee> <strong>c</strong></p>")).toEqual([
      { tag: "p", children: ["a b ", { tag: "strong", children: ["c"] }] },
    ]);
  });

  it.each([
    "<script>alert(1)</script>",
    "<style>*{}</style>",
    "<mx-reply><blockquote>old</blockquote></mx-reply>",
  ])("drops %s whole", (html) => {
    expect(readHtml(`${html}x`)).toEqual(["x"]);
  });

  it("shows no remote picture and follows no harmful link", () => {
    expect(readHtml('<img src="https://evil.example/x.png" alt="tea">')).toEqual(["tea"]);
    expect(readHtml('<a href="javascript:alert(1)">x</a>')).toEqual([{ tag: "a", children: ["x"] }]);
    expect(readHtml('<a href="&#106;avascript:alert(1)" onclick="x()">x</a>')).toEqual([
      { tag: "a", children: ["x"] },
    ]);
  });

  it("ends at the depth that the specification allows", () => {
    let depth = 0;
    for (let leaf = readHtml("<b>".repeat(5000))[0]; typeof leaf === "object"; leaf = leaf.children[0]) {
      depth += 1;
    }
    expect(depth).toBe(100);
  });

  it("names members by both kinds of link", () => {
    expect(readPill("https://matrix.to/#/@lin:tea.example")).toBe("@lin:tea.example");
    expect(readPill("https://matrix.to/#/%40lin%3Atea.example?via=x")).toBe("@lin:tea.example");
    expect(readPill("matrix:u/lin:tea.example")).toBe("@lin:tea.example");
    expect(readPill("https://tea.example/@lin:tea.example")).toBeUndefined();
    expect(
      listPills(readHtml('<b><a href="https://matrix.to/#/@lin:tea.example">@Lin</a></b>')),
    ).toEqual([{ userId: "@lin:tea.example", name: "Lin" }]);
  });
});

describe("the marks of the composer", () => {
  it("stand around what is selected, and go away again", () => {
    const bold = applyMark({ text: "a tea b", start: 2, end: 5 }, "bold");
    expect(bold).toEqual({ text: "a **tea** b", start: 4, end: 7 });
    expect(applyMark(bold, "bold")).toEqual({ text: "a tea b", start: 2, end: 5 });
  });

  it("stand before each selected line", () => {
    expect(applyMark({ text: "x\na\nb", start: 2, end: 5 }, "list").text).toBe("x\n- a\n- b");
    expect(applyMark({ text: "x\n- a\n- b", start: 2, end: 9 }, "list").text).toBe("x\na\nb");
  });

  it("make code of several lines a block, and an address a link", () => {
    expect(applyMark({ text: "a\nb", start: 0, end: 3 }, "code").text).toBe("```\na\nb\n```");
    expect(applyMark({ text: "tea", start: 0, end: 3 }, "link")).toEqual({
      text: "[tea](https://)",
      start: 14,
      end: 14,
    });
  });

  it("have keys", () => {
    const none = { code: "", ctrlKey: true, metaKey: false, shiftKey: false, altKey: false };
    expect(markOfKey({ ...none, key: "b" })).toBe("bold");
    expect(markOfKey({ ...none, key: "X", code: "KeyX", shiftKey: true })).toBe("strike");
    expect(markOfKey({ ...none, key: "b", ctrlKey: false })).toBeUndefined();
  });

  it.each([
    ["@", { at: 0, query: "" }],
    ["tea @li", { at: 4, query: "li" }],
    ["请@梅", { at: 1, query: "梅" }],
    ["lin@tea", undefined],
    ["@lin yue", undefined],
  ])("in %j a member is looked for", (text, found) => {
    expect(readQuery(text, text.length)).toEqual(found);
  });
});
