/** Tells the house in which language this app speaks, so that the house writes in it too. */

import { useEffect } from "react";
import { useLanguage } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { langOf } from "./api";

const LANGUAGE = "org.teahouse.language";

export function TellLanguage() {
  const client = useClient();
  const { tag } = useLanguage();
  useEffect(() => {
    const language = langOf(tag);
    const told = client.getAccountData(LANGUAGE as never)?.getContent<{ language?: unknown }>();
    if (told?.language === language) return;
    // It is a courtesy: the next start tries again, and until then the house says it in both.
    client.setAccountData(LANGUAGE as never, { language } as never).catch(() => undefined);
  }, [client, tag]);
  return null;
}
