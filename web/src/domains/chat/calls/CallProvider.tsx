/** Rings when somebody calls, and keeps the call while its member goes about the app. */

import type { MatrixClient } from "matrix-js-sdk";
import {
  CallDirection,
  CallErrorCode,
  CallEvent,
  CallParty,
  CallState,
  type CallError,
  type MatrixCall,
} from "matrix-js-sdk/lib/webrtc/call";
import { CallEventHandlerEvent } from "matrix-js-sdk/lib/webrtc/callEventHandler";
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { useT, type Translate } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { tellTrouble } from "@/lib/trouble";
import { toast } from "@/ui/Toast";
import { CallScreen } from "./CallScreen";
import { CallsContext } from "./context";

export function CallProvider({ children }: { children: ReactNode }) {
  const t = useT();
  const client = useClient();
  const [call, setCall] = useState<MatrixCall>();
  const current = useRef<MatrixCall>(undefined);

  const take = useMemo(() => {
    const takeOne = (taken: MatrixCall) => {
      current.current = taken;
      setCall(taken);
      watch(taken, {
        onReplaced: takeOne,
        onTrouble: (text) => toast(text),
        onEnd: (text) => {
          if (current.current !== taken) return;
          current.current = undefined;
          setCall(undefined);
          if (text) toast(text);
        },
        t,
      });
    };
    return takeOne;
  }, [t]);
  useIncoming(client, current, take);
  const start = useCallback(
    (roomId: string, peer: string, isVideo: boolean) => {
      const made = current.current ? null : client.createCall(roomId);
      if (!made) return;
      made.invitee = peer;
      take(made);
      const placed = isVideo ? made.placeVideoCall() : made.placeVoiceCall();
      placed.catch((error: unknown) => toast(tellTrouble(t, error)));
    },
    [client, take, t],
  );
  const calls = useMemo(() => ({ call, start }), [call, start]);
  return (
    <CallsContext value={calls}>
      {children}
      {call ? <CallScreen key={call.callId} call={call} /> : null}
    </CallsContext>
  );
}

function useIncoming(
  client: MatrixClient,
  current: { readonly current: MatrixCall | undefined },
  take: (call: MatrixCall) => void,
): void {
  useEffect(() => {
    const ring = (incoming: MatrixCall) => {
      if (incoming.state !== CallState.Ringing) return;
      if (current.current) incoming.reject();
      else take(incoming);
    };
    // A page that is closed answers no more: the other shall not wait.
    const leave = () => current.current?.hangup(CallErrorCode.UserHangup, false);
    client.on(CallEventHandlerEvent.Incoming, ring);
    window.addEventListener("pagehide", leave);
    return () => {
      client.off(CallEventHandlerEvent.Incoming, ring);
      window.removeEventListener("pagehide", leave);
    };
  }, [client, current, take]);
}

interface Watching {
  onReplaced: (call: MatrixCall) => void;
  onTrouble: (text: string) => void;
  /** Told once; with what should be said of it, if anything. */
  onEnd: (text: string | undefined) => void;
  t: Translate;
}

function watch(call: MatrixCall, { onReplaced, onTrouble, onEnd, t }: Watching): void {
  let wasConnected = false;
  let isTold = false;
  call.on(CallEvent.State, (state) => {
    if (state === CallState.Connected) wasConnected = true;
    if (state === CallState.Ended) onEnd(isTold ? undefined : tellEnd(t, call, wasConnected));
  });
  call.on(CallEvent.Error, (error: CallError) => {
    isTold = true;
    onTrouble(error.code === (CallErrorCode.NoUserMedia as string) ? t("callNoDevice") : t("callFailed"));
  });
  call.on(CallEvent.Replaced, onReplaced);
}

/** Why a call ended, where who was in it did not end it. */
function tellEnd(t: Translate, call: MatrixCall, wasConnected: boolean): string | undefined {
  const reason = call.hangupReason;
  if (reason === (CallErrorCode.AnsweredElsewhere as string)) return t("callElsewhere");
  if (reason === (CallErrorCode.InviteTimeout as string)) return t("callNoAnswer");
  if (reason === (CallErrorCode.IceFailed as string)) return t("callFailed");
  if (call.hangupParty !== CallParty.Remote) return undefined;
  const isDeclined = !wasConnected && call.direction === CallDirection.Outbound;
  return t(isDeclined ? "callDeclined" : "callEnded");
}
