import { Download, ScrollText } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { useCallback, useEffect, useState, type SyntheticEvent } from "react";
import { useLanguage, useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { saveText } from "@/lib/saving";
import { formatMoment } from "@/lib/time";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { useDeed } from "@/ui/deeds";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Card, Page } from "@/ui/Page";
import { Loading, State } from "@/ui/State";
import { nameOfMember } from "../naming";
import { sendDecision, type Sanction } from "@/lib/sanctions";
import { fetchRoomSanctions } from "../safety/api";
import { tellStanding } from "../safety/standing";
import styles from "../safety/safety.module.css";
import { fetchDutyRecord, fetchLog, type LogEntry } from "./api";
import { tellPace } from "./GroupSettings";
import { roleOf } from "./levels";

interface Found {
  entries: LogEntry[];
  next: string | null;
  sanctions: Sanction[];
}

/** What owners and moderators of a group did, and the appeals against it. */
export function OwnerLog({ roomId }: { roomId: string }) {
  const t = useT();
  const client = useClient();
  const room = client.getRoom(roomId);
  const deed = useDeed();
  const [found, setFound] = useState<Found>();
  const [trouble, setTrouble] = useState<string>();
  const [decided, setDecided] = useState<Sanction>();
  const load = useCallback(() => {
    Promise.all([fetchLog(roomId), fetchRoomSanctions(roomId)]).then(
      ([log, { sanctions }]) => setFound({ ...log, sanctions }),
      (error: unknown) => setTrouble(tellTrouble(t, error)),
    );
  }, [roomId, t]);
  useEffect(load, [load]);
  const more = async () => {
    if (!found?.next) return;
    try {
      const { entries, next } = await fetchLog(roomId, found.next);
      setFound({ ...found, entries: [...found.entries, ...entries], next });
    } catch (error) {
      setTrouble(tellTrouble(t, error));
    }
  };
  const save = () =>
    deed.run(async () => saveText(JSON.stringify(await fetchDutyRecord(roomId)), "duty-record.json"));
  const back = { to: `/chats/${encodeURIComponent(roomId)}/info`, label: t("back") };
  return (
    <Page title={t("ownerLog")} back={back}>
      <p>{t("ownerLogText")}</p>
      {trouble ? <Note kind="bad">{trouble}</Note> : null}
      {!found && !trouble ? <Loading label={t("loading")} /> : null}
      {found?.entries.length === 0 ? (
        <State icon={<ScrollText size={28} />} title={t("ownerLogEmpty")} />
      ) : null}
      {found && found.entries.length > 0 ? (
        <Card>
          {found.entries.map((entry) => (
            <Entry
              key={entry.event_id}
              room={room}
              entry={entry}
              sanction={found.sanctions.find((one) => one.event_id === entry.event_id)}
              onDecide={setDecided}
            />
          ))}
        </Card>
      ) : null}
      {found?.next ? (
        <Button look="quiet" onClick={() => void more()}>
          {t("showMore")}
        </Button>
      ) : null}
      {found && found.entries.length > 0 ? (
        <>
          {deed.trouble ? <Note kind="bad">{deed.trouble}</Note> : null}
          <Button wide look="quiet" busy={deed.isBusy} onClick={() => void save()}>
            <Download size={18} aria-hidden />
            {t("ownerLogSave")}
          </Button>
          <p className={styles.soft}>{t("ownerLogSaveText")}</p>
        </>
      ) : null}
      {decided ? (
        <Decide
          room={room}
          sanction={decided}
          onClose={() => setDecided(undefined)}
          onDone={() => {
            setDecided(undefined);
            load();
          }}
        />
      ) : null}
    </Page>
  );
}

interface EntryProps {
  room: Room | null;
  entry: LogEntry;
  sanction: Sanction | undefined;
  onDecide: (sanction: Sanction) => void;
}

function Entry({ room, entry, sanction, onDecide }: EntryProps) {
  const { t, tag } = useLanguage();
  return (
    <div className={styles.entry}>
      <div className={styles.entryHead}>
        <strong>{tellDeed(room, entry, t)}</strong>
        <time>{formatMoment(entry.at, tag)}</time>
      </div>
      {entry.reason ? <p>{entry.reason}</p> : null}
      {sanction ? <Against room={room} sanction={sanction} onDecide={onDecide} /> : null}
    </div>
  );
}

interface AgainstProps {
  room: Room | null;
  sanction: Sanction;
  onDecide: (sanction: Sanction) => void;
}

/** How long a sanction holds, what its member says against it, and what was decided. */
function Against({ room, sanction, onDecide }: AgainstProps) {
  const { t, tag } = useLanguage();
  const client = useClient();
  const isOwn = sanction.by_user_id === client.getUserId();
  const waits = sanction.appeal !== null && sanction.decision === null;
  return (
    <>
      <p className={styles.soft}>
        {t("ruleAnd", {
          rule: t(`rule_${sanction.rule}`),
          more: tellStanding(sanction, t, tag),
        })}
      </p>
      {sanction.appeal ? (
        <p>
          <strong>{t("appealTheirs")}</strong> {sanction.appeal}
        </p>
      ) : null}
      {sanction.decision ? (
        <p className={styles.soft}>
          {t("appealDecided", {
            decision: sanction.decision,
            by: nameOfMember(room, sanction.decided_by ?? ""),
            reason: sanction.decision_reason ?? "",
          })}
        </p>
      ) : null}
      {waits && isOwn ? <p className={styles.soft}>{t("appealByAnother")}</p> : null}
      {waits && !isOwn ? (
        <Button look="quiet" onClick={() => onDecide(sanction)}>
          {t("appealDecide")}
        </Button>
      ) : null}
    </>
  );
}

function tellDeed(room: Room | null, entry: LogEntry, t: ReturnType<typeof useT>): string {
  const by = nameOfMember(room, entry.by);
  const about = entry.about ? nameOfMember(room, entry.about) : "";
  switch (entry.deed) {
    case "power_change":
      return entry.changes.length === 0
        ? t("deed_levels", { by })
        : entry.changes
            .map(({ user_id, after }) =>
              t("deed_role", {
                by,
                about: nameOfMember(room, user_id),
                role: t(`role_${roleOf(after ?? 0)}`),
              }),
            )
            .join(" ");
    case "slow_mode":
      return t("deed_slow_mode", { by, pace: tellPace(Number(entry.value) || 0, t) });
    case "join_rule": {
      const known = entry.value === "invite" || entry.value === "knock" || entry.value === "public";
      return t("deed_join_rule", {
        by,
        rule: t(known ? (`joinRule_${entry.value}` as "joinRule_invite") : "joinRule_other"),
      });
    }
    default:
      return t(`deed_${entry.deed}`, { by, about });
  }
}

interface DecideProps {
  room: Room | null;
  sanction: Sanction;
  onClose: () => void;
  onDone: () => void;
}

function Decide({ room, sanction, onClose, onDone }: DecideProps) {
  const t = useT();
  const [reason, setReason] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const decide = async (decision: "upheld" | "lifted") => {
    setIsBusy(true);
    try {
      await sendDecision(sanction.sanction_id, decision, reason.trim());
      onDone();
    } catch (error) {
      setTrouble(tellTrouble(t, error));
      setIsBusy(false);
    }
  };
  const keep = (event: SyntheticEvent) => event.preventDefault();
  return (
    <Dialog
      title={t("appealOf", { name: nameOfMember(room, sanction.user_id) })}
      closeLabel={t("close")}
      onClose={onClose}
    >
      <form className={styles.form} onSubmit={keep}>
        <blockquote className={styles.quote}>{sanction.appeal}</blockquote>
        <Field label={t("decisionReason")} value={reason} onChange={setReason} maxLength={2000} />
        {trouble ? <Note kind="bad">{trouble}</Note> : null}
        <div className={styles.buttons}>
          <Button
            look="quiet"
            busy={isBusy}
            disabled={!reason.trim()}
            onClick={() => void decide("upheld")}
          >
            {t("uphold")}
          </Button>
          <Button busy={isBusy} disabled={!reason.trim()} onClick={() => void decide("lifted")}>
            {t("lift")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
