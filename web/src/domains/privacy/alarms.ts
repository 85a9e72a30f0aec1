/** What was found against the log, kept on this device until the member takes it away. */

import { useSyncExternalStore } from "react";
import type { Evidence } from "./gossip";

const KEPT_AS = "teahouse.logAlarms";
// One is enough to show others; a few, in case they come from several chats.
const KEPT_MAX = 5;
const NONE = "[]";
const listeners = new Set<() => void>();

function read(): string {
  return localStorage.getItem(KEPT_AS) ?? NONE;
}

function write(alarms: Evidence[]): void {
  localStorage.setItem(KEPT_AS, JSON.stringify(alarms));
  for (const tell of listeners) tell();
}

export function raiseAlarm(found: Evidence): void {
  const kept = JSON.parse(read()) as Evidence[];
  if (kept.some(({ told }) => told.note === found.told.note) || kept.length >= KEPT_MAX) return;
  write([...kept, found]);
}

export function dropAlarm(gone: Evidence): void {
  const kept = JSON.parse(read()) as Evidence[];
  write(kept.filter(({ told }) => told.note !== gone.told.note));
}

export function useAlarms(): Evidence[] {
  const text = useSyncExternalStore((tell) => {
    listeners.add(tell);
    return () => listeners.delete(tell);
  }, read);
  return JSON.parse(text) as Evidence[];
}
