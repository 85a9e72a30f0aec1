/** The house's own stickers: drawings in the build, sent as pictures that every client shows. */

import type { MatrixClient } from "matrix-js-sdk";
import type { Key } from "@/lib/language";
import { uploadFile, type FileContent } from "@/lib/matrix/media";

export const STICKER = "m.sticker";

export interface Sticker {
  name: string;
  address: string;
  /** What it says, for who sees no pictures. */
  label: Key;
}

const DRAWINGS = import.meta.glob<string>("./drawings/*.svg", {
  eager: true,
  query: "?url",
  import: "default",
});

const LABELS: Record<string, Key> = {
  cheers: "stickerCheers",
  morning: "stickerMorning",
  thanks: "stickerThanks",
  yes: "stickerYes",
  laugh: "stickerLaugh",
  love: "stickerLove",
  wait: "stickerWait",
  sad: "stickerSad",
  angry: "stickerAngry",
  night: "stickerNight",
};

export const STICKERS: Sticker[] = Object.entries(LABELS).map(([name, label]) => ({
  name,
  label,
  address: DRAWINGS[`./drawings/${name}.svg`] ?? "",
}));

// Twice what it is shown in, for fine screens.
const PIXELS = 320;

/**
 * The content of a sticker's event.
 *
 * A drawing goes as PNG: clients refuse SVG from strangers, since it can hold scripts. In an
 * encrypted chat it is encrypted anew each time, so that no two chats share a file.
 */
export async function composeSticker(
  client: MatrixClient,
  sticker: Sticker,
  text: string,
  isEncrypted: boolean,
): Promise<Omit<FileContent, "msgtype">> {
  const picture = await draw(sticker.address);
  const file = new File([picture], `${sticker.name}.png`, { type: "image/png" });
  const { info, url, file: sealed } = await uploadFile(client, file, isEncrypted);
  return { body: text, info, ...(sealed ? { file: sealed } : { url: url ?? "" }) };
}

async function draw(address: string): Promise<Blob> {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = new OffscreenCanvas(PIXELS, PIXELS);
  canvas.getContext("2d")?.drawImage(image, 0, 0, PIXELS, PIXELS);
  return canvas.convertToBlob({ type: "image/png" });
}
