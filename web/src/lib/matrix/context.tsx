/** The Matrix client for the pages, and hooks that render again when it has news. */

import type { MatrixClient } from "matrix-js-sdk";
import { createContext, useCallback, useContext, useRef, useSyncExternalStore } from "react";

const ClientContext = createContext<MatrixClient | null>(null);

export const ClientProvider = ClientContext.Provider;

export function useClient(): MatrixClient {
  const client = useContext(ClientContext);
  if (!client) throw new Error("only pages of signed-in members use the client");
  return client;
}

interface Emitter {
  on: (event: never, listener: () => void) => unknown;
  off: (event: never, listener: () => void) => unknown;
}

/**
 * Render again after any of these events, at most once per frame.
 *
 * @returns a number that changes with each, for the dependencies of what is computed from them.
 */
export function useNews(emitter: unknown, events: readonly string[]): number {
  const version = useRef(0);
  const key = events.join(" ");
  const watch = useCallback(
    (tell: () => void) => {
      if (!emitter) return () => undefined;
      const source = emitter as Emitter;
      const names = key.split(" ") as never[];
      let frame: ReturnType<typeof setTimeout> | undefined;
      // A timer and not a frame: a hidden tab draws none, and its title counts unread all the same.
      const listen = () => {
        frame ??= setTimeout(() => {
          frame = undefined;
          version.current += 1;
          tell();
        }, 16);
      };
      for (const name of names) source.on(name, listen);
      return () => {
        clearTimeout(frame);
        for (const name of names) source.off(name, listen);
      };
    },
    [emitter, key],
  );
  return useSyncExternalStore(watch, () => version.current);
}
