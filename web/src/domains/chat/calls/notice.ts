/** Tells of a call where its member is: in another tab or program. */

import { useEffect } from "react";
import { mayNotify, showNotice } from "@/lib/notices";

/** Show until it ends. @param text who calls. */
export function useCallNotice(text: string | undefined): void {
  useEffect(() => {
    if (text === undefined || document.hasFocus() || !mayNotify()) return;
    return showNotice(text, "call");
  }, [text]);
}
