/** Voice messages in the form that Matrix clients use today (MSC3245 and MSC1767). Pure. */

import type { FileContent } from "@/lib/matrix/media";

export const VOICE_BLOCK = "org.matrix.msc3245.voice";
const AUDIO = "org.matrix.msc1767.audio";
// MSC3246: loudness from 0 to 1024, 30 to 120 values.
const LOUDEST = 1024;
const WAVEFORM_LENGTH = 60;
// What is shown of a stranger's waveform.
const WAVEFORM_LENGTH_MAX = 400;

export interface Voice {
  ms: number;
  /** Loudness from 0 to 1. */
  waveform: number[];
}

/** Bring a list of levels to a length: the loudest of each stretch stands for it. */
export function resample(levels: readonly number[], length: number): number[] {
  if (levels.length === 0) return Array.from({ length }, () => 0);
  return Array.from({ length }, (_, index) => {
    const from = Math.floor((index * levels.length) / length);
    const to = Math.max(from + 1, Math.floor(((index + 1) * levels.length) / length));
    return Math.max(...levels.slice(from, to));
  });
}

/** The content of a voice message, from that of the uploaded file. */
export function composeVoice(
  file: FileContent,
  { ms, waveform }: Voice,
  text: string,
): Record<string, unknown> {
  const duration = Math.round(ms);
  const scaled = resample(waveform, WAVEFORM_LENGTH).map((level) =>
    Math.round(Math.min(1, Math.max(0, level)) * LOUDEST),
  );
  return {
    ...file,
    body: text,
    info: { ...file.info, duration },
    "org.matrix.msc1767.text": text,
    "org.matrix.msc1767.file": {
      ...(file.file ? { file: file.file, url: file.file.url } : { url: file.url }),
      name: file.body,
      mimetype: file.info.mimetype,
      size: file.info.size,
    },
    [AUDIO]: { duration, waveform: scaled },
    [VOICE_BLOCK]: {},
  };
}

/** How long a voice message is and how it goes, as its sender says. */
export function readVoice(content: Record<string, unknown>): Voice {
  const audio = asObject(content[AUDIO]);
  const info = asObject(content.info);
  const ms = [audio.duration, info.duration].find(
    (each): each is number => typeof each === "number" && Number.isFinite(each) && each >= 0,
  );
  const listed = Array.isArray(audio.waveform) ? (audio.waveform as unknown[]) : [];
  const waveform = listed
    .slice(0, WAVEFORM_LENGTH_MAX)
    .map((level) => (typeof level === "number" ? Math.min(1, Math.max(0, level / LOUDEST)) : 0));
  return { ms: ms ?? 0, waveform };
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** Minutes and seconds. */
export function formatLength(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
