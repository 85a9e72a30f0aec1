/** Reads encrypted chats on this device and writes them into a file. Nothing of it leaves. */

import { strToU8, Zip, ZipDeflate, ZipPassThrough } from "fflate";
import { Direction, type MatrixClient, type Room } from "matrix-js-sdk";
import { fileBytes, type FileContent } from "@/lib/matrix/media";
import { fileNumber, filePath, writeChat, writeStart, type SealedChat, type SealedEvent } from "./sealedRules";

const EVENTS_AT_A_TIME = 200;
const FILES_BYTES_MAX = 200_000_000;

export interface SealedProgress {
  count: number;
  lost: number;
  done: number;
  all: number;
}

interface Wish {
  withFiles: boolean;
  title: string;
  language: string;
  tell: (progress: SealedProgress) => void;
}

export function listSealedRooms(client: MatrixClient): Room[] {
  return client.getRooms().filter((room) => room.hasEncryptionStateEvent());
}

/** Write all that this device can decrypt into a ZIP file. */
export async function packSealed(client: MatrixClient, wish: Wish): Promise<Blob> {
  const rooms = listSealedRooms(client);
  const progress: SealedProgress = { count: 0, lost: 0, done: 0, all: rooms.length };
  const pack = new Pack();
  const chats: SealedChat[] = [];
  const own = client.getSafeUserId();
  for (const room of rooms) {
    const chat: SealedChat = {
      room_id: room.roomId,
      name: room.name,
      events: [],
      names: {},
      files: {},
    };
    await readRoom(client, room, chat, progress, wish);
    if (wish.withFiles) await addFiles(client, chat, pack);
    const number = fileNumber(chats.length);
    pack.add(`chats/${number}.html`, writeChat(chat, own, wish.language));
    const lines = chat.events.map((event) => JSON.stringify(event)).join("\n");
    pack.add(`chats/${number}.jsonl`, `${lines}\n`);
    chats.push(chat);
    progress.done += 1;
    wish.tell({ ...progress });
  }
  pack.add("index.html", writeStart(chats, wish.title, wish.language));
  return pack.finish();
}

async function readRoom(
  client: MatrixClient,
  room: Room,
  chat: SealedChat,
  progress: SealedProgress,
  wish: Wish,
): Promise<void> {
  const toEvent = client.getEventMapper({ preventReEmit: true });
  const found: SealedEvent[] = [];
  let from: string | null = null;
  for (;;) {
    const part = await client.createMessagesRequest(
      room.roomId,
      from,
      EVENTS_AT_A_TIME,
      Direction.Backward,
    );
    for (const raw of part.chunk) {
      if (raw.type !== "m.room.encrypted") continue;
      const event = toEvent(raw);
      await client.decryptEventIfNeeded(event);
      if (event.isRedacted()) continue;
      if (event.isDecryptionFailure() || event.getType() === "m.room.encrypted") {
        progress.lost += 1;
        continue;
      }
      const sender = event.getSender() ?? "";
      chat.names[sender] ??= room.getMember(sender)?.rawDisplayName ?? sender;
      found.push({
        event_id: event.getId() ?? "",
        sender,
        origin_server_ts: event.getTs(),
        type: event.getType(),
        content: event.getContent(),
      });
      progress.count += 1;
    }
    wish.tell({ ...progress });
    if (!part.end || part.chunk.length === 0) break;
    from = part.end;
  }
  chat.events = found.reverse();
}

async function addFiles(client: MatrixClient, chat: SealedChat, pack: Pack): Promise<void> {
  for (const event of chat.events) {
    const content = event.content as Partial<FileContent>;
    const size = content.info?.size ?? 0;
    if (!content.file?.url || pack.fileBytes + size > FILES_BYTES_MAX) continue;
    try {
      const bytes = await fileBytes(client, content);
      const path = filePath(pack.fileCount + 1, content.info?.mimetype);
      pack.addFile(path, bytes);
      chat.files[event.event_id] = path;
    } catch {
      // Deleted from the server meanwhile: the message says that it was there.
      continue;
    }
  }
}

/** A ZIP file whose finished parts are kept as blobs, so that the browser may put them on disk. */
class Pack {
  fileBytes = 0;
  fileCount = 0;
  private readonly parts: Blob[] = [];
  private readonly zip: Zip;
  private trouble: Error | null = null;

  constructor() {
    this.zip = new Zip((error, data) => {
      this.trouble ??= error;
      this.parts.push(new Blob([data]));
    });
  }

  add(path: string, text: string): void {
    const entry = new ZipDeflate(path, { level: 6 });
    this.zip.add(entry);
    entry.push(strToU8(text), true);
  }

  addFile(path: string, bytes: Uint8Array): void {
    const entry = new ZipPassThrough(path);
    this.zip.add(entry);
    entry.push(bytes, true);
    this.fileBytes += bytes.length;
    this.fileCount += 1;
  }

  finish(): Blob {
    this.zip.end();
    if (this.trouble) throw this.trouble;
    return new Blob(this.parts, { type: "application/zip" });
  }
}

/** Hand a file to the member. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the file after the click; a minute is plenty.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
