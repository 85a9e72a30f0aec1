/** Tells others in encrypted chats what this app was shown of the log, and hears what they were. */

import { MatrixEventEvent, type MatrixClient, type MatrixEvent } from "matrix-js-sdk";
import { useEffect } from "react";
import { useClient } from "@/lib/matrix/context";
import { raiseAlarm } from "./alarms";
import { isDue, judge, noteTold, readTold, TOLD, type Source, type Told } from "./gossip";
import { askProofOf, askShown, readKept, witness } from "./witness";

const TOLD_AS = "teahouse.logTold";
const HOUR_MS = 3_600_000;
const FRESH_MS = 20 * HOUR_MS;

type Send = (roomId: string, ...rest: unknown[]) => Promise<{ event_id: string }>;

export function Gossip() {
  const client = useClient();
  useEffect(() => {
    refresh();
    const stopTelling = tellInMessages(client);
    const stopHearing = hearMessages(client);
    return () => {
      stopTelling();
      stopHearing();
    };
  }, [client]);
  return null;
}

/** Sees the log once a day, whether or not its page is opened. */
function refresh(): void {
  const kept = readKept();
  if (kept?.note && Date.now() - kept.seenAt < FRESH_MS) return;
  // What is wrong stands on the page of the log; without a connection it is tried again.
  witness().catch(() => undefined);
}

/** Puts the newest checkpoint that was seen here into one message in each chat and day. */
function tellInMessages(client: MatrixClient): () => void {
  const plain = client.sendMessage.bind(client) as Send;
  const telling: Send = (roomId, ...rest) => plain(roomId, ...rest.map((one) => enclose(client, roomId, one)));
  client.sendMessage = telling;
  return () => {
    client.sendMessage = plain;
  };
}

function enclose(client: MatrixClient, roomId: string, one: unknown): unknown {
  if (typeof one !== "object" || one === null || !("msgtype" in one)) return one;
  refresh();
  const kept = readKept();
  // In the clear, the house itself could change it on the way.
  if (!kept?.note || !client.getRoom(roomId)?.hasEncryptionStateEvent()) return one;
  const toldOn = JSON.parse(localStorage.getItem(TOLD_AS) ?? "{}") as Record<string, string>;
  const day = new Date().toISOString().slice(0, 10);
  if (!isDue(toldOn, roomId, day)) return one;
  localStorage.setItem(TOLD_AS, JSON.stringify(noteTold(toldOn, roomId, day)));
  const told: Told = { key: kept.key, note: kept.note };
  return { ...one, [TOLD]: told };
}

function hearMessages(client: MatrixClient): () => void {
  const judged = new Set<string>();
  let waiting: { told: Told; source: Source }[] = [];
  let working = Promise.resolve();
  const work = async () => {
    const todo = waiting;
    waiting = [];
    for (const { told, source } of todo) {
      try {
        const house = { shown: askShown, prove: askProofOf };
        const found = await judge(told, source, house, Date.now());
        if (found) raiseAlarm(found);
      } catch {
        // The house could not be reached: judged within the hour.
        waiting.push({ told, source });
      }
    }
  };
  const start = () => {
    working = working.then(work);
  };
  const hear = (event: MatrixEvent) => {
    const told = event.isEncrypted() ? readTold(event.getContent()) : null;
    if (!told || judged.has(told.note)) return;
    judged.add(told.note);
    const source = {
      sender: event.getSender() ?? "",
      room_id: event.getRoomId() ?? "",
      event_id: event.getId() ?? "",
      sent_at: event.getTs(),
    };
    waiting.push({ told, source });
    start();
  };
  client.on(MatrixEventEvent.Decrypted, hear);
  const timer = setInterval(start, HOUR_MS);
  return () => {
    clearInterval(timer);
    client.off(MatrixEventEvent.Decrypted, hear);
  };
}
