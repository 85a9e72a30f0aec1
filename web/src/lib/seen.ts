/** Which news were closed, kept on this device. */

import { useState } from "react";

// Old ones no longer come: the newest are enough.
const KEPT_MAX = 200;

function read(keptAs: string): string[] {
  return JSON.parse(localStorage.getItem(keptAs) ?? "[]") as string[];
}

/** The ids that were closed, and what closes one. */
export function useSeen(keptAs: string): [readonly string[], (id: string) => void] {
  const [seen, setSeen] = useState(() => read(keptAs));
  const close = (id: string) => {
    const now = [...read(keptAs), id].slice(-KEPT_MAX);
    localStorage.setItem(keptAs, JSON.stringify(now));
    setSeen(now);
  };
  return [seen, close];
}
