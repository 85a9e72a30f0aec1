/** How decrypted messages are written into a file: pages for people, lines of JSON for programs. Pure. */

export interface SealedEvent {
  event_id: string;
  sender: string;
  origin_server_ts: number;
  type: string;
  content: Record<string, unknown>;
}

export interface SealedChat {
  room_id: string;
  name: string;
  events: SealedEvent[];
  /** What senders are called. */
  names: Record<string, string>;
  /** Paths of decrypted files, by event id. */
  files: Record<string, string>;
}

const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (found) => ESCAPES[found] ?? "");
}

const STYLE = `:root{color-scheme:light dark;--ink:#23302a;--soft:#5d6b62;--paper:#f7f5ef;--card:#fffdf8;--mine:#e3efe4;--line:#dcdccf;--leaf:#2f6b47}
@media(prefers-color-scheme:dark){:root{--ink:#e4e6dd;--soft:#a3aea5;--paper:#171c19;--card:#1f2622;--mine:#24382c;--line:#35403a;--leaf:#9cc7a9}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.6 system-ui,"Noto Sans CJK SC","PingFang SC",sans-serif}
main{max-width:48rem;margin:0 auto;padding:2rem 1.25rem}a,b{color:var(--leaf)}.said{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:.45rem .8rem;margin:.4rem 3rem .4rem 0;overflow-wrap:anywhere}
.mine{background:var(--mine);margin:.4rem 0 .4rem 3rem}.said p{margin:0;white-space:pre-wrap}time{color:var(--soft);font-size:.75rem;float:right}img{max-width:100%;max-height:24rem;border-radius:.5rem}`;

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file: data:; form-action 'none'";

export function writePage(title: string, body: string, language: string): string {
  return `<!doctype html>
<html lang="${escapeHtml(language)}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main><h1>${escapeHtml(title)}</h1>
${body}
</main></body></html>
`;
}

/** A chat as a page; files stand beside it. */
export function writeChat(chat: SealedChat, own: string, language: string): string {
  const said = chat.events.map((event) => writeSaid(event, chat, own));
  return writePage(chat.name, said.join("\n"), language);
}

function writeSaid(event: SealedEvent, chat: SealedChat, own: string): string {
  const newer = event.content["m.new_content"] as Record<string, unknown> | undefined;
  const { body } = newer ?? event.content;
  if (typeof body !== "string") return "";
  const when = new Date(event.origin_server_ts).toISOString().slice(0, 16).replace("T", " ");
  const name = chat.names[event.sender] ?? event.sender;
  const file = chat.files[event.event_id];
  const isPicture = event.content.msgtype === "m.image";
  const text = escapeHtml(body);
  const shown = !file
    ? `<p>${text}</p>`
    : isPicture
      ? `<img src="../${escapeHtml(file)}" alt="${text}" loading="lazy">`
      : `<p><a href="../${escapeHtml(file)}">${text}</a></p>`;
  const look = event.sender === own ? "said mine" : "said";
  return `<div class="${look}"><time>${when}</time><b>${escapeHtml(name)}</b>${shown}</div>`;
}

/** The first page. */
export function writeStart(chats: SealedChat[], title: string, language: string): string {
  const lines = chats.map(
    (chat, index) =>
      `<li><a href="chats/${fileNumber(index)}.html">${escapeHtml(chat.name)}</a> (${String(chat.events.length)})</li>`,
  );
  return writePage(title, `<ul>${lines.join("")}</ul>`, language);
}

export function fileNumber(index: number): string {
  return String(index + 1).padStart(4, "0");
}

const ENDINGS: Record<string, string> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/gif": "gif",
  "image/webp": "webp",
  "application/pdf": "pdf",
  "video/mp4": "mp4",
  "audio/ogg": "ogg",
  "audio/mpeg": "mp3",
};

/** Where a decrypted file stands: nothing of the name that somebody gave it. */
export function filePath(number: number, mimetype: string | undefined): string {
  return `files/${String(number).padStart(5, "0")}.${ENDINGS[mimetype ?? ""] ?? "bin"}`;
}
