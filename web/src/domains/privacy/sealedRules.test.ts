import { expect, test } from "vitest";
import { escapeHtml, filePath, writeChat, writeStart, type SealedChat } from "./sealedRules";
import { formatSize } from "./sizes";

const CHAT: SealedChat = {
  room_id: "!a:b",
  name: `<Tea> & "talk"`,
  events: [
    {
      event_id: "$1",
      sender: "@ada:tea.example",
      origin_server_ts: 0,
      type: "m.room.message",
      content: { msgtype: "m.text", body: "<script>alert(1)</script>" },
    },
    {
      event_id: "$2",
      sender: "@ben:tea.example",
      origin_server_ts: 60_000,
      type: "m.room.message",
      content: { msgtype: "m.image", body: 'a" onerror="x.png' },
    },
    { event_id: "$3", sender: "@ben:tea.example", origin_server_ts: 0, type: "m.reaction", content: {} },
  ],
  names: { "@ada:tea.example": "Ada <3" },
  files: { $2: "files/00001.png" },
};

test("what members wrote is text in the page, and nothing else", () => {
  const page = writeChat(CHAT, "@ada:tea.example", "en");
  expect(page).not.toContain("<script");
  expect(page).toContain("&lt;script&gt;alert(1)");
  expect(page).toContain("Ada &lt;3");
  expect(page).toContain('alt="a&quot; onerror=&quot;x.png"');
  expect(page.match(/class="said mine"/g)).toHaveLength(1);
  expect(page.match(/class="said"/g)).toHaveLength(1);
});

test("the first page leads to each chat", () => {
  const page = writeStart([CHAT, CHAT], "Mine", "zh-Hans");
  expect(page).toContain('href="chats/0002.html"');
  expect(page).toContain(escapeHtml(CHAT.name));
});

test("a file's place says nothing that somebody wrote", () => {
  expect(filePath(7, "image/png")).toBe("files/00007.png");
  expect(filePath(8, "../../evil")).toBe("files/00008.bin");
  expect(filePath(9, undefined)).toBe("files/00009.bin");
});

test("sizes read well from bytes to gigabytes", () => {
  expect(formatSize(0, "en")).toBe("0 bytes");
  expect(formatSize(999, "en")).toBe("999 bytes");
  expect(formatSize(86_400, "en")).toBe("86.4 kB");
  expect(formatSize(1_070_000_000, "en")).toBe("1.1 GB");
});
