import { Check, Timer } from "lucide-react";
import { Direction, RoomStateEvent, type Room } from "matrix-js-sdk";
import { useState } from "react";
import { useT } from "@/lib/language";
import { useClient, useNews } from "@/lib/matrix/context";
import { tellTrouble } from "@/lib/trouble";
import { Dialog } from "@/ui/Dialog";
import { Card, Row } from "@/ui/Page";
import { toast } from "@/ui/Toast";
import { CHOICES, DISAPPEARING } from "./disappearing";
import { tellTime } from "./tell";
import { currentRule } from "./vanish";

/** In what is told about a chat: whether its messages disappear, and after how long. */
export function DisappearingRow({ room }: { room: Room }) {
  const t = useT();
  const client = useClient();
  useNews(client, [RoomStateEvent.Events]);
  const [isOpen, setIsOpen] = useState(false);
  const seconds = currentRule(room);
  const mayChange =
    room
      .getLiveTimeline()
      .getState(Direction.Forward)
      ?.maySendStateEvent(DISAPPEARING, room.myUserId) ?? false;
  const choose = (chosen: number) => {
    setIsOpen(false);
    if (chosen === seconds) return;
    client
      .sendStateEvent(room.roomId, DISAPPEARING as never, { seconds: chosen } as never, "")
      .catch((error: unknown) => toast(tellTrouble(t, error)));
  };
  return (
    <>
      <Row
        icon={<Timer size={20} />}
        title={t("disappearing")}
        {...(mayChange ? { onClick: () => setIsOpen(true) } : { sub: t("disappearingNotYou") })}
        end={tellTime(seconds, t)}
      />
      {isOpen ? (
        <Dialog title={t("disappearing")} closeLabel={t("close")} onClose={() => setIsOpen(false)}>
          <p>{t("disappearingText")}</p>
          <Card>
            {CHOICES.map((each) => (
              <Row
                key={each}
                title={tellTime(each, t)}
                {...(each === seconds ? { end: <Check size={18} /> } : {})}
                onClick={() => choose(each)}
              />
            ))}
          </Card>
        </Dialog>
      ) : null}
    </>
  );
}
