import { DoorClosed } from "lucide-react";
import type { RoomSummary } from "matrix-js-sdk";
import { useEffect, useState, type SyntheticEvent } from "react";
import { useLocation } from "wouter";
import { useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Page } from "@/ui/Page";
import { Loading, State } from "@/ui/State";
import { Picture } from "../Picture";
import styles from "../safety/safety.module.css";
import chat from "../chat.module.css";

/** Where a group's link leads: join, ask to be let in, or learn that one must be invited. */
export function RoomDoor({ roomId }: { roomId: string }) {
  const t = useT();
  const client = useClient();
  const [, go] = useLocation();
  const [summary, setSummary] = useState<RoomSummary>();
  const [isShut, setIsShut] = useState(false);
  const membership = client.getRoom(roomId)?.getMyMembership();
  const isIn = membership === "join" || membership === "invite";
  useEffect(() => {
    if (isIn) go(`/chats/${encodeURIComponent(roomId)}`, { replace: true });
    // Whoever may not see a group is told the same as where there is none.
    else client.getRoomSummary(roomId).then(setSummary, () => setIsShut(true));
  }, [client, roomId, isIn, go]);
  const back = { to: "/chats", label: t("back") };
  if (isShut) {
    return (
      <Page title="" back={back}>
        <State icon={<DoorClosed size={28} />} title={t("doorShut")}>
          {t("doorShutText")}
        </State>
      </Page>
    );
  }
  return (
    <Page title="" back={back}>
      {summary ? <Door roomId={roomId} summary={summary} /> : <Loading label={t("loading")} />}
    </Page>
  );
}

function Door({ roomId, summary }: { roomId: string; summary: RoomSummary }) {
  const t = useT();
  const client = useClient();
  const [, go] = useLocation();
  const [reason, setReason] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [hasAsked, setHasAsked] = useState(summary.membership === "knock");
  const [trouble, setTrouble] = useState<string>();
  const name = summary.name ?? roomId;
  const asks = ["knock", "knock_restricted"].includes(summary.join_rule ?? "");
  const enter = async () => {
    if (asks) {
      await client.knockRoom(roomId, reason.trim() ? { reason: reason.trim() } : {});
      setHasAsked(true);
      return;
    }
    await client.joinRoom(roomId);
    go(`/chats/${encodeURIComponent(roomId)}`);
  };
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setIsBusy(true);
    setTrouble(undefined);
    try {
      await enter();
    } catch (error) {
      setTrouble(tellTrouble(t, error));
    }
    setIsBusy(false);
  };
  return (
    <>
      <div className={chat.infoHead}>
        <Picture id={roomId} name={name} mxc={summary.avatar_url} size={88} />
        <h2>{name}</h2>
        <p>{t("members", { count: summary.num_joined_members })}</p>
        {summary.topic ? <p>{summary.topic}</p> : null}
      </div>
      {hasAsked ? (
        <Note>{t("doorAsked")}</Note>
      ) : (
        <form className={styles.form} onSubmit={(event) => void submit(event)}>
          {asks ? (
            <Field
              label={t("doorReason")}
              value={reason}
              onChange={setReason}
              maxLength={300}
              hint={t("doorReasonHint")}
            />
          ) : null}
          {trouble ? <Note kind="bad">{trouble}</Note> : null}
          <Button type="submit" wide busy={isBusy}>
            {asks ? t("doorAsk") : t("join")}
          </Button>
        </form>
      )}
    </>
  );
}
