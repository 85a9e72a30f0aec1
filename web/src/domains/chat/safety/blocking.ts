/** Whom one wants to hear nothing of: `m.ignored_user_list`, so that every client knows. */

import { ClientEvent, type MatrixClient } from "matrix-js-sdk";
import { useNews } from "@/lib/matrix/context";

export function useBlocked(client: MatrixClient): string[] {
  useNews(client, [ClientEvent.AccountData]);
  return client.getIgnoredUsers();
}

export async function block(client: MatrixClient, userId: string): Promise<void> {
  await client.setIgnoredUsers([...new Set([...client.getIgnoredUsers(), userId])]);
}

export async function unblock(client: MatrixClient, userId: string): Promise<void> {
  await client.setIgnoredUsers(client.getIgnoredUsers().filter((one) => one !== userId));
}
