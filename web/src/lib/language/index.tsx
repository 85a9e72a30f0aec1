/** What the app says, in the member's language. A language is one file in `catalogues/`. */

import { IntlMessageFormat } from "intl-messageformat";
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { en } from "./catalogues/en";

export type Catalogue = typeof en;
export type Key = keyof Catalogue;
export type Values = Record<string, string | number | Date>;
export type Translate = (key: Key, values?: Values) => string;

/** Every language with its own name; the first is spoken where nothing fits better. */
export const LANGUAGES = [
  { tag: "en", name: "English" },
  { tag: "zh-Hans", name: "中文" },
] as const;
export type LanguageTag = (typeof LANGUAGES)[number]["tag"];

const KEPT_AS = "teahouse.language";
const catalogues = import.meta.glob<Record<string, Catalogue>>([
  "./catalogues/*.ts",
  "!./catalogues/en.ts",
]);

interface Language {
  tag: LanguageTag;
  t: Translate;
  choose: (tag: LanguageTag) => void;
}

const LanguageContext = createContext<Language>({
  tag: "en",
  t: makeTranslate("en", en),
  choose: () => undefined,
});

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [tag, setTag] = useState<LanguageTag>(chooseFirst);
  const [loaded, setLoaded] = useState<{ tag: LanguageTag; catalogue: Catalogue }>();
  useEffect(() => {
    let isWanted = true;
    void loadCatalogue(tag).then((catalogue) => {
      if (isWanted) setLoaded({ tag, catalogue });
    });
    document.documentElement.lang = tag;
    return () => {
      isWanted = false;
    };
  }, [tag]);
  const language = useMemo(() => {
    const shown = loaded ?? { tag: "en" as const, catalogue: en };
    const choose = (chosen: LanguageTag) => {
      localStorage.setItem(KEPT_AS, chosen);
      setTag(chosen);
    };
    return { tag: shown.tag, t: makeTranslate(shown.tag, shown.catalogue), choose };
  }, [loaded]);
  // One language must not flash up before another.
  if (loaded === undefined && tag !== "en") return null;
  return <LanguageContext value={language}>{children}</LanguageContext>;
}

export function useLanguage(): Language {
  return useContext(LanguageContext);
}

export function useT(): Translate {
  return useContext(LanguageContext).t;
}

/** Formats messages of one catalogue; parsed once each. */
export function makeTranslate(tag: string, catalogue: Catalogue): Translate {
  const parsed = new Map<Key, IntlMessageFormat>();
  return (key, values) => {
    const text = catalogue[key];
    if (!text.includes("{")) return text;
    let message = parsed.get(key);
    if (!message) {
      message = new IntlMessageFormat(text, tag);
      parsed.set(key, message);
    }
    return String(message.format(values));
  };
}

/** The language kept on this device, or the browser's. */
function chooseFirst(): LanguageTag {
  const wishes = [localStorage.getItem(KEPT_AS) ?? "", ...navigator.languages];
  for (const wish of wishes) {
    const main = wish.toLowerCase().split("-")[0];
    const found = LANGUAGES.find(({ tag }) => main && tag.split("-")[0] === main);
    if (found) return found.tag;
  }
  return "en";
}

async function loadCatalogue(tag: LanguageTag): Promise<Catalogue> {
  if (tag === "en") return en;
  const load = catalogues[`./catalogues/${tag}.ts`];
  if (!load) throw new Error(`no catalogue for ${tag}`);
  const found = Object.values(await load())[0];
  if (!found) throw new Error(`${tag}.ts exports nothing`);
  return found;
}
