import type { MatrixEvent, Room } from "matrix-js-sdk";
import { useMemo } from "react";
import { useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { fileAddress, type FileContent } from "@/lib/matrix/media";
import { tellTrouble } from "@/lib/trouble";
import { toast } from "@/ui/Toast";
import { Meta } from "../Message";
import chat from "../chat.module.css";
import { readVoice } from "./voice";
import { VoicePlayer } from "./VoicePlayer";

interface Props {
  event: MatrixEvent;
  room: Room;
  isOwn: boolean;
}

export function VoiceBubble({ event, room, isOwn }: Props) {
  const t = useT();
  const client = useClient();
  const content = event.getContent();
  const voice = useMemo(() => readVoice(content), [content]);
  const file = { ...content, info: (content.info ?? {}) as object } as unknown as FileContent;
  return (
    <div className={chat.bubble}>
      <VoicePlayer
        voice={voice}
        findAddress={() => fileAddress(client, file)}
        onTrouble={(error) => toast(tellTrouble(t, error))}
      />
      <Meta event={event} room={room} isOwn={isOwn} />
    </div>
  );
}
