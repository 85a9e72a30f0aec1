/** Pictures and files: encrypted before they leave, fetched with the member's token. */

import { decryptAttachment, encryptAttachment, type IEncryptedFile } from "matrix-encrypt-attachment";
import type { MatrixClient } from "matrix-js-sdk";

export interface FileInfo {
  mimetype?: string;
  size?: number;
  w?: number;
  h?: number;
}

export interface FileContent {
  msgtype: "m.image" | "m.file" | "m.video" | "m.audio";
  body: string;
  info: FileInfo;
  url?: string;
  file?: IEncryptedFile & { url: string };
}

// What a phone's screen shows; larger pictures are only larger downloads.
const PHOTO_PIXELS_MAX = 2048;
const PHOTO_QUALITY = 0.85;
// Blob addresses kept, so that scrolling back and forth fetches nothing twice.
const KEPT_MAX = 300;

const kept = new Map<string, Promise<string>>();

/** Encrypt and upload a file; gives the content of the message that shows it. */
export async function uploadFile(
  client: MatrixClient,
  file: File,
  isEncrypted: boolean,
): Promise<FileContent> {
  const photo = file.type.startsWith("image/") ? await readPhoto(file) : undefined;
  const blob = photo?.blob ?? file;
  const info: FileInfo = { mimetype: blob.type, size: blob.size };
  if (photo) Object.assign(info, { w: photo.width, h: photo.height });
  const base = { msgtype: chooseKind(blob.type), body: file.name, info } as const;
  if (!isEncrypted) {
    const { content_uri } = await client.uploadContent(blob, { name: file.name });
    return { ...base, url: content_uri };
  }
  const sealed = await encryptAttachment(await blob.arrayBuffer());
  const { content_uri } = await client.uploadContent(new Blob([sealed.data]), {
    includeFilename: false,
    type: "application/octet-stream",
  });
  return { ...base, file: { ...sealed.info, url: content_uri } };
}

function chooseKind(type: string): FileContent["msgtype"] {
  if (type.startsWith("image/")) return "m.image";
  if (type.startsWith("video/")) return "m.video";
  return type.startsWith("audio/") ? "m.audio" : "m.file";
}

/**
 * Draw a photo anew: smaller, and without the place and time that cameras write into it.
 *
 * Moving pictures and what this browser can't read stay as they are.
 */
async function readPhoto(
  file: File,
): Promise<{ blob: Blob; width: number; height: number } | undefined> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return undefined;
  }
  const { width: w, height: h } = bitmap;
  if (file.type === "image/gif") return { blob: file, width: w, height: h };
  const scale = Math.min(1, PHOTO_PIXELS_MAX / Math.max(w, h));
  const [width, height] = [Math.round(w * scale), Math.round(h * scale)];
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const type = file.type === "image/png" ? "image/png" : "image/jpeg";
  const blob = await canvas.convertToBlob({ type, quality: PHOTO_QUALITY });
  return { blob, width, height };
}

/** A `blob:` address of a message's file, decrypted. */
export function fileAddress(client: MatrixClient, content: FileContent): Promise<string> {
  const uri = content.file?.url ?? content.url ?? "";
  return keep(uri, async () => {
    const data = await download(client, uri);
    const clear = content.file ? await decryptAttachment(data, content.file) : data;
    return URL.createObjectURL(new Blob([clear], { type: safeType(content.info.mimetype) }));
  });
}

/** A message's file, decrypted. */
export async function fileBytes(
  client: MatrixClient,
  content: Pick<Partial<FileContent>, "file" | "url">,
): Promise<Uint8Array> {
  const data = await download(client, content.file?.url ?? content.url ?? "");
  return new Uint8Array(content.file ? await decryptAttachment(data, content.file) : data);
}

/** A `blob:` address of a member's or a room's picture. */
export function pictureAddress(client: MatrixClient, uri: string, size = 96): Promise<string> {
  return keep(`${uri} ${size}`, async () => {
    const data = await download(client, uri, size);
    return URL.createObjectURL(new Blob([data]));
  });
}

function keep(key: string, make: () => Promise<string>): Promise<string> {
  let address = kept.get(key);
  if (!address) {
    address = make();
    address.catch(() => kept.delete(key));
    kept.set(key, address);
    dropOldest();
  }
  return address;
}

function dropOldest(): void {
  if (kept.size <= KEPT_MAX) return;
  const [oldest] = kept.keys();
  if (oldest === undefined) return;
  void kept.get(oldest)?.then((address) => URL.revokeObjectURL(address));
  kept.delete(oldest);
}

async function download(client: MatrixClient, uri: string, size?: number): Promise<ArrayBuffer> {
  const found = /^mxc:\/\/([^/]+)\/([A-Za-z0-9_.=-]+)$/.exec(uri);
  if (!found) throw new Error("not an address of this house's files");
  const place = `${encodeURIComponent(found[1] ?? "")}/${found[2] ?? ""}`;
  const path = size
    ? `thumbnail/${place}?width=${size}&height=${size}&method=crop`
    : `download/${place}`;
  const response = await fetch(`/_matrix/client/v1/media/${path}`, {
    headers: { Authorization: `Bearer ${client.getAccessToken() ?? ""}` },
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.arrayBuffer();
}

/** A stranger says what type a file is of: only what can't run as part of this page is believed. */
export function safeType(type: string | undefined): string {
  const isHarmless = /^(image\/(png|jpeg|gif|webp|avif)|video\/[\w.+-]+|audio\/[\w.+-]+)$/;
  return type && isHarmless.test(type) ? type : "application/octet-stream";
}
