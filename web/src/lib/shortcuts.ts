/** Keys that do something wherever one is. All need a modifier: single letters are for writing. */

import { useEffect } from "react";

/** Command on Apple's keyboards, Control on others. */
export const COMMAND = /Mac|iP(ad|hone|od)/.test(navigator.userAgent) ? "⌘" : "Ctrl";

export type Deed = "search" | "help" | "before" | "after";

export interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** What a key asks for, whoever has the focus; nothing for most. */
export function readShortcut({ key, ctrlKey, metaKey, altKey, shiftKey }: Pressed): Deed | undefined {
  if (altKey && !ctrlKey && !metaKey && !shiftKey) {
    return { ArrowUp: "before" as const, ArrowDown: "after" as const }[key];
  }
  if (altKey || ctrlKey === metaKey) return undefined;
  // Where `/` needs Shift, it is asked for with it.
  if (key === "/" || key === "?") return "help";
  return key.toLowerCase() === "k" && !shiftKey ? "search" : undefined;
}

export function useShortcuts(run: (deed: Deed) => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const deed = event.isComposing || event.defaultPrevented ? undefined : readShortcut(event);
      // A dialog in front takes the keys.
      if (!deed || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      run(deed);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [run]);
}

/** The neighbour of something in a list; from nowhere the first, at the ends none. */
export function stepTo<T>(all: readonly T[], current: T | undefined, by: 1 | -1): T | undefined {
  const at = current === undefined ? -1 : all.indexOf(current);
  return at < 0 ? all[0] : all[at + by];
}
