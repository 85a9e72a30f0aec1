/** The emoji there are, with their names and words in the member's language. Loaded when asked. */

import type { LanguageTag } from "@/lib/language";

export interface Emoji {
  sign: string;
  label: string;
  tags: string[];
  group: number;
}

interface Listed {
  unicode: string;
  label: string;
  tags?: string[];
  group?: number;
}

const KEPT_AS = "teahouse.emoji";
const RECENT_MAX = 24;
const FIRST_RECENT = ["👍", "❤️", "😂", "🫖", "🍵", "🙏", "🎉", "😮"];
// Skin tones and hair are parts of other emoji.
const PARTS = 2;
/** The groups that are shown, in Unicode's order. */
export const GROUPS = [0, 1, 3, 4, 5, 6, 7, 8, 9] as const;

const LISTS: Record<LanguageTag, () => Promise<{ default: unknown }>> = {
  en: () => import("emojibase-data/en/compact.json"),
  "zh-Hans": () => import("emojibase-data/zh/compact.json"),
};

export async function loadEmoji(tag: LanguageTag): Promise<Emoji[]> {
  const listed = (await LISTS[tag]()).default as Listed[];
  const isDrawn = makeIsDrawn();
  return listed.flatMap(({ unicode, label, tags = [], group }) =>
    group !== undefined && group !== PARTS && isDrawn(unicode)
      ? [{ sign: unicode, label, tags, group }]
      : [],
  );
}

/** A browser draws what its Unicode knows; newer emoji would be empty boxes. */
function makeIsDrawn(): (sign: string) => boolean {
  try {
    const known = new RegExp("^\\p{RGI_Emoji}$", "v");
    return (sign) => known.test(sign);
  } catch {
    return () => true;
  }
}

/** Emoji whose name or words hold each of the words; those of the name first. Pure. */
export function findEmoji(all: readonly Emoji[], wanted: string): Emoji[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const ranked = all.flatMap((emoji) => {
    const label = emoji.label.toLowerCase();
    const ranks = words.map((word) => {
      if (label.startsWith(word)) return 0;
      if (label.includes(word)) return 1;
      return emoji.tags.some((tag) => tag.toLowerCase().startsWith(word)) ? 2 : 3;
    });
    const worst = Math.max(0, ...ranks);
    return worst === 3 ? [] : [{ emoji, worst }];
  });
  return ranked.sort((one, other) => one.worst - other.worst).map(({ emoji }) => emoji);
}

export function recentEmoji(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT_AS) ?? "[]");
    const list = Array.isArray(kept) ? kept.filter((each) => typeof each === "string") : [];
    return list.length > 0 ? list : FIRST_RECENT;
  } catch {
    return FIRST_RECENT;
  }
}

export function noteEmoji(sign: string): void {
  const list = [sign, ...recentEmoji().filter((each) => each !== sign)].slice(0, RECENT_MAX);
  localStorage.setItem(KEPT_AS, JSON.stringify(list));
}
