/** Notices that the device shows, where the member allowed them: from this page alone, while it is open. */

import { currentSettings } from "./settings";

export function canNotify(): boolean {
  return "Notification" in window && "serviceWorker" in navigator;
}

export function mayNotify(): boolean {
  return canNotify() && Notification.permission === "granted" && currentSettings().notifyCalls;
}

/** Ask the member, as browsers do; false if they or their browser refused. */
export async function askToNotify(): Promise<boolean> {
  return (await Notification.requestPermission()) === "granted";
}

/**
 * Show a notice until it is taken back or tapped.
 *
 * @param tag what it is about: a second one takes the first one's place.
 * @returns what takes it back.
 */
export function showNotice(title: string, tag: string): () => void {
  // By the worker, which also brings the page to the front: phones let no page do it alone.
  const showing = navigator.serviceWorker.getRegistration().then(async (worker) => {
    await worker?.showNotification(title, { tag, icon: "/icon-192.png", requireInteraction: true });
    return worker;
  });
  return () => {
    void showing
      .then(async (worker) => {
        for (const notice of (await worker?.getNotifications({ tag })) ?? []) notice.close();
      })
      .catch(() => undefined);
  };
}
