import { RoomStateEvent, type Room } from "matrix-js-sdk";
import { Phone, Video } from "lucide-react";
import { useCallback, useSyncExternalStore } from "react";
import { useT } from "@/lib/language";
import { IconButton } from "@/ui/Button";
import { useCalls, useCanCall } from "./context";

/** Calls the other member of a one-to-one chat; nothing where no call would come through. */
export function CallButtons({ room, peer }: { room: Room; peer: string | undefined }) {
  const t = useT();
  const { call, start } = useCalls();
  const canCall = useCanCall();
  const isPeerThere = useIsThere(room, peer);
  if (!canCall || !peer || !isPeerThere) return null;
  return (
    <>
      <IconButton
        label={t("callVoice")}
        disabled={call !== undefined}
        onClick={() => start(room.roomId, peer, false)}
      >
        <Phone size={20} />
      </IconButton>
      <IconButton
        label={t("callVideo")}
        disabled={call !== undefined}
        onClick={() => start(room.roomId, peer, true)}
      >
        <Video size={22} />
      </IconButton>
    </>
  );
}

function useIsThere(room: Room, peer: string | undefined): boolean {
  const watch = useCallback(
    (tell: () => void) => {
      room.on(RoomStateEvent.Members, tell);
      return () => {
        room.off(RoomStateEvent.Members, tell);
      };
    },
    [room],
  );
  return useSyncExternalStore(watch, () => peer !== undefined && isThere(room, peer));
}

/** Whether the other is in the chat; members who said nothing yet are not known before they are asked for. */
function isThere(room: Room, peer: string): boolean {
  const member = room.getMember(peer);
  return member ? member.membership === "join" : room.getJoinedMemberCount() === 2;
}
