/** What a member set on this device. */

import { useSyncExternalStore } from "react";

export interface Settings {
  theme: "auto" | "light" | "dark";
  sendReceipts: boolean;
  sendTyping: boolean;
  /** Whether sending one's place is offered: nothing asks the device for it before. */
  shareLocation: boolean;
  /** Whether the device tells of a call while another window is in front. */
  notifyCalls: boolean;
}

const KEPT_AS = "teahouse.settings";
const DEFAULTS: Settings = {
  theme: "auto",
  sendReceipts: true,
  sendTyping: true,
  shareLocation: false,
  notifyCalls: false,
};

let settings: Settings = {
  ...DEFAULTS,
  ...(JSON.parse(localStorage.getItem(KEPT_AS) ?? "{}") as Partial<Settings>),
};
const watchers = new Set<() => void>();

export function currentSettings(): Settings {
  return settings;
}

export function changeSettings(change: Partial<Settings>): void {
  settings = { ...settings, ...change };
  localStorage.setItem(KEPT_AS, JSON.stringify(settings));
  applyTheme();
  for (const tell of watchers) tell();
}

export function useSettings(): Settings {
  return useSyncExternalStore((tell) => {
    watchers.add(tell);
    return () => watchers.delete(tell);
  }, currentSettings);
}

export function applyTheme(): void {
  if (settings.theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = settings.theme;
}
