/** The call that is under way, and whether any can be made. */

import { ClientEvent, type MatrixClient } from "matrix-js-sdk";
import type { MatrixCall } from "matrix-js-sdk/lib/webrtc/call";
import { createContext, useCallback, useContext, useSyncExternalStore } from "react";
import { useClient } from "@/lib/matrix/context";

export interface Calls {
  call: MatrixCall | undefined;
  start: (roomId: string, peer: string, isVideo: boolean) => void;
}

export const CallsContext = createContext<Calls>({ call: undefined, start: () => undefined });

export function useCalls(): Calls {
  return useContext(CallsContext);
}

/**
 * Whether calls can be made: the browser has WebRTC and the house a TURN server.
 *
 * Without one, two people behind the routers of their homes would ring and never hear each other.
 */
export function useCanCall(): boolean {
  const client = useClient();
  const watch = useCallback(
    (tell: () => void) => {
      client.on(ClientEvent.TurnServers, tell);
      return () => {
        client.off(ClientEvent.TurnServers, tell);
      };
    },
    [client],
  );
  // Asked for when the app opens, and told once: perhaps between drawing this and listening.
  return useSyncExternalStore(watch, () => canCall(client));
}

function canCall(client: MatrixClient): boolean {
  return client.supportsVoip() && client.getTurnServers().length > 0;
}
