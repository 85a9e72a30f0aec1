/** What a member may allow beside what the house needs; asked before there is an account. */

import { ask } from "@/lib/http";
import type { LanguageTag } from "@/lib/language";
import type { Session } from "@/lib/session";

export interface Purpose {
  purpose: string;
  title: string;
  text: string;
}

const CONSENTS = "/api/v1/privacy/consents";

/** The server's name of a language. */
function langOf(tag: LanguageTag): "en" | "zh" {
  return tag === "zh-Hans" ? "zh" : "en";
}

export function fetchPurposes(tag: LanguageTag): Promise<Purpose[]> {
  return ask<Purpose[]>(`${CONSENTS}/purposes?lang=${langOf(tag)}`);
}

/** Say yes to what was chosen; nothing is sent of what was left off. */
export async function allowPurposes(
  session: Session,
  purposes: Iterable<string>,
  tag: LanguageTag,
): Promise<void> {
  for (const purpose of purposes) {
    await ask(`${CONSENTS}/${encodeURIComponent(purpose)}`, {
      method: "PUT",
      body: { answer: "yes", language: langOf(tag) },
      token: session.accessToken,
    });
  }
}
