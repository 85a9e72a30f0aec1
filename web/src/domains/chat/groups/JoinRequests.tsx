import { RoomStateEvent, type Room } from "matrix-js-sdk";
import { useEffect, useState } from "react";
import { useT } from "@/lib/language";
import { useClient, useNews } from "@/lib/matrix/context";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Page";
import { toast } from "@/ui/Toast";
import { shortId } from "../naming";
import { Picture } from "../Picture";
import { decideJoin, fetchJoinRequests, type JoinRequest } from "./api";
import styles from "./groups.module.css";

/** Who asks to be let in; nothing where nobody does. */
export function JoinRequests({ room }: { room: Room }) {
  const t = useT();
  const client = useClient();
  const news = useNews(client, [RoomStateEvent.Members, RoomStateEvent.NewMember]);
  const [requests, setRequests] = useState<JoinRequest[]>([]);
  const [busy, setBusy] = useState<string>();
  useEffect(() => {
    let isWanted = true;
    fetchJoinRequests(room.roomId).then(
      ({ join_requests }) => {
        if (isWanted) setRequests(join_requests);
      },
      // Offline, or no moderator any more: there is nothing to show.
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [room, news]);
  const decide = async (userId: string, decision: "approve" | "refuse") => {
    setBusy(userId);
    try {
      await decideJoin(room.roomId, userId, decision);
      setRequests((shown) => shown.filter((one) => one.user_id !== userId));
    } catch (error) {
      toast(tellTrouble(t, error));
    }
    setBusy(undefined);
  };
  if (requests.length === 0) return null;
  return (
    <Card title={t("joinRequests")}>
      {requests.map((request) => {
        const name = request.display_name ?? shortId(request.user_id);
        return (
          <div key={request.user_id} className={styles.request}>
            <Picture
              id={request.user_id}
              name={name}
              mxc={request.avatar_url ?? undefined}
              size={40}
            />
            <div className={styles.requestText}>
              <strong>{name}</strong>
              <span>{request.reason ?? request.user_id}</span>
            </div>
            <div className={styles.requestButtons}>
              <Button
                look="quiet"
                busy={busy === request.user_id}
                aria-label={`${t("refuse")}: ${name}`}
                onClick={() => void decide(request.user_id, "refuse")}
              >
                {t("refuse")}
              </Button>
              <Button
                busy={busy === request.user_id}
                aria-label={`${t("letIn")}: ${name}`}
                onClick={() => void decide(request.user_id, "approve")}
              >
                {t("letIn")}
              </Button>
            </div>
          </div>
        );
      })}
    </Card>
  );
}
