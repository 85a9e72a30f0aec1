import { Flag, Trash2 } from "lucide-react";
import type { MatrixEvent } from "matrix-js-sdk";
import { useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { Row } from "@/ui/Page";
import { mayRemove } from "../groups/reading";

interface Props {
  event: MatrixEvent;
  onReport: () => void;
  onDelete: () => void;
}

/** The end of a message's menu: report another's, delete one's own, or any as a moderator. */
export function JudgeRows({ event, onReport, onDelete }: Props) {
  const t = useT();
  const client = useClient();
  const room = client.getRoom(event.getRoomId());
  const isOwn = event.getSender() === client.getUserId();
  return (
    <>
      {isOwn ? null : (
        <Row icon={<Flag size={20} />} title={t("reportMessage")} onClick={onReport} />
      )}
      {isOwn || (room !== null && mayRemove(room, event)) ? (
        <Row icon={<Trash2 size={20} />} title={t("delete")} onClick={onDelete} />
      ) : null}
    </>
  );
}
