/** What the chat does beside its pages: forgets messages whose time has come, and feeds the search. */

import type { MatrixClient } from "matrix-js-sdk";
import { onForget } from "@/lib/matrix/client";
import { watchExpiries } from "./disappearing/vanish";
import { feedIndex } from "./search/feeder";
import { searchIndex } from "./search/searchIndex";

/** @returns what ends it. */
export function startBackground(client: MatrixClient): () => void {
  let end = watchExpiries(client, (ids) => searchIndex.forget(ids));
  let isEnded = false;
  const forgetting = onForget(() => searchIndex.destroy());
  const onHidden = () => {
    if (document.visibilityState === "hidden") void searchIndex.flush();
  };
  document.addEventListener("visibilitychange", onHidden);
  void searchIndex.open(`${client.getSafeUserId()} ${client.getDeviceId() ?? ""}`).then(() => {
    if (isEnded) return;
    const endFeeding = feedIndex(client, searchIndex);
    const endWatching = end;
    end = () => {
      endWatching();
      endFeeding();
    };
  });
  return () => {
    isEnded = true;
    end();
    forgetting();
    document.removeEventListener("visibilitychange", onHidden);
  };
}
