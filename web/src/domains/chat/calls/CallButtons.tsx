import type { Room } from "matrix-js-sdk";
import { Phone, Video } from "lucide-react";
import { useT } from "@/lib/language";
import { IconButton } from "@/ui/Button";
import { useCalls, useCanCall } from "./context";

/** Calls the other member of a one-to-one chat; nothing where no call would come through. */
export function CallButtons({ room, peer }: { room: Room; peer: string | undefined }) {
  const t = useT();
  const { call, start } = useCalls();
  const canCall = useCanCall();
  if (!canCall || !peer || room.getMember(peer)?.membership !== "join") return null;
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
