/** Starts the service worker, which keeps the app's files for when there is no network. */

interface TrustedTypes {
  createPolicy: (
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ) => { createScriptURL: (url: string) => string };
}

const WORKER = "/sw.js";

export function registerWorker(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  const types = (window as { trustedTypes?: TrustedTypes }).trustedTypes;
  const rules = {
    createScriptURL: (url: string) => {
      if (url !== WORKER) throw new TypeError("only the app's own worker");
      return url;
    },
  };
  const policy = types?.createPolicy("teahouse", rules) ?? rules;
  // Private windows refuse; the app works without.
  navigator.serviceWorker.register(policy.createScriptURL(WORKER)).catch(() => undefined);
}
