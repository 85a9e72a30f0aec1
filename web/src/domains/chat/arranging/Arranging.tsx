/** Keeping a chat at the top, and putting it away: from the list and from the chat's own page. */

import { Archive, ArchiveRestore, Pin, PinOff } from "lucide-react";
import { RoomEvent, type Room } from "matrix-js-sdk";
import { useT } from "@/lib/language";
import { useClient, useNews } from "@/lib/matrix/context";
import { tellTrouble } from "@/lib/trouble";
import { Dialog } from "@/ui/Dialog";
import { Card, Row } from "@/ui/Page";
import { toast } from "@/ui/Toast";
import { nameOfRoom } from "../naming";
import { archiveChat, isArchived, isPinned, pinChat } from "./tags";

/** What can be done with a chat in the list. */
export function ChatMenu({ roomId, onClose }: { roomId: string; onClose: () => void }) {
  const t = useT();
  const client = useClient();
  const room = client.getRoom(roomId);
  if (!room) return null;
  return (
    <Dialog title={nameOfRoom(client, room)} closeLabel={t("close")} onClose={onClose}>
      <Card>
        <ArrangingRows room={room} onDone={onClose} />
      </Card>
    </Dialog>
  );
}

export function ArrangingRows({ room, onDone }: { room: Room; onDone?: () => void }) {
  const t = useT();
  const client = useClient();
  useNews(client, [RoomEvent.Tags]);
  const isTop = isPinned(room);
  const isAway = isArchived(room);
  const run = (deed: () => Promise<void>, told: string, undo: () => Promise<void>) => {
    const fail = (error: unknown) => toast(tellTrouble(t, error));
    const takeBack = () => void undo().catch(fail);
    deed().then(() => toast(told, { label: t("undo"), run: takeBack }), fail);
    onDone?.();
  };
  const pin = (isWanted: boolean) => () => pinChat(client, room, isWanted);
  const archive = (isWanted: boolean) => () => archiveChat(client, room, isWanted);
  return (
    <>
      <Row
        icon={isTop ? <PinOff size={20} /> : <Pin size={20} />}
        title={t(isTop ? "chatUnpin" : "chatPin")}
        onClick={() => run(pin(!isTop), t(isTop ? "chatUnpinned" : "chatPinned"), pin(isTop))}
      />
      <Row
        icon={isAway ? <ArchiveRestore size={20} /> : <Archive size={20} />}
        title={t(isAway ? "chatUnarchive" : "chatArchive")}
        onClick={() =>
          run(archive(!isAway), t(isAway ? "chatUnarchived" : "chatArchived"), archive(isAway))
        }
      />
    </>
  );
}
