import type { Room } from "matrix-js-sdk";
import { useState, type ReactNode } from "react";
import { nameOfMember } from "@/domains/chat/naming";
import { Picture } from "@/domains/chat/Picture";
import { useT } from "@/lib/language";
import { Dialog } from "@/ui/Dialog";
import { Card, Row } from "@/ui/Page";

interface Props {
  members: string[];
  room: Room;
  onClose: () => void;
  children: (userId: string) => ReactNode;
}

/** Asks which member is meant, where there are several. */
export function MemberChoice({ members, room, onClose, children }: Props) {
  const t = useT();
  const [chosen, setChosen] = useState(members.length === 1 ? members[0] : undefined);
  if (chosen) return children(chosen);
  return (
    <Dialog title={t("chooseMember")} closeLabel={t("close")} onClose={onClose}>
      <Card>
        {members.map((userId) => (
          <Row
            key={userId}
            icon={
              <Picture
                id={userId}
                name={nameOfMember(room, userId)}
                mxc={room.getMember(userId)?.getMxcAvatarUrl()}
                size={40}
              />
            }
            title={nameOfMember(room, userId)}
            sub={userId}
            onClick={() => setChosen(userId)}
          />
        ))}
      </Card>
    </Dialog>
  );
}
