/** Who is signed in on this device. Kept in local storage, told to whoever watches. */

import { useSyncExternalStore } from "react";

export interface Session {
  userId: string;
  deviceId: string;
  accessToken: string;
}

const KEPT_AS = "teahouse.session";

let session: Session | null = load();
const watchers = new Set<() => void>();

function load(): Session | null {
  const kept = localStorage.getItem(KEPT_AS);
  return kept === null ? null : (JSON.parse(kept) as Session);
}

export function currentSession(): Session | null {
  return session;
}

export function keepSession(found: Session | null): void {
  session = found;
  if (found === null) localStorage.removeItem(KEPT_AS);
  else localStorage.setItem(KEPT_AS, JSON.stringify(found));
  for (const tell of watchers) tell();
}

export function useSession(): Session | null {
  return useSyncExternalStore(watch, currentSession);
}

function watch(tell: () => void): () => void {
  watchers.add(tell);
  // Another tab may sign in or out.
  const onStorage = (event: StorageEvent) => {
    if (event.key !== KEPT_AS) return;
    session = load();
    tell();
  };
  window.addEventListener("storage", onStorage);
  return () => {
    watchers.delete(tell);
    window.removeEventListener("storage", onStorage);
  };
}
