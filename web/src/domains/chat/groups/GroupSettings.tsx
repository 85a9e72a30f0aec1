import { RoomStateEvent, type Room } from "matrix-js-sdk";
import { useState } from "react";
import { useT } from "@/lib/language";
import { useClient, useNews } from "@/lib/matrix/context";
import { tellTrouble } from "@/lib/trouble";
import { Card } from "@/ui/Page";
import { toast } from "@/ui/Toast";
import { Choice } from "@/ui/Choice";
import { SLOW_MODE } from "./api";
import styles from "./groups.module.css";
import { neededToSet } from "./levels";
import { ownLevel, readContent, readLevels } from "./reading";

const JOIN_RULES = ["invite", "knock", "public"] as const;
type JoinRule = (typeof JOIN_RULES)[number];
const PACES = [0, 10, 30, 60, 300, 900, 3600] as const;

/** How a group runs: who comes in, and how often one may write. */
export function GroupSettings({ room }: { room: Room }) {
  const t = useT();
  const client = useClient();
  useNews(client, [RoomStateEvent.Events]);
  const [isBusy, setIsBusy] = useState(false);
  const levels = readLevels(room);
  const own = ownLevel(room);
  const maySetRule = own >= neededToSet(levels, "m.room.join_rules");
  const maySetPace = own >= neededToSet(levels, SLOW_MODE);
  const rule = readContent(room, "m.room.join_rules").join_rule;
  const seconds = Number(readContent(room, SLOW_MODE).seconds) || 0;
  const set = async (type: string, content: object) => {
    setIsBusy(true);
    try {
      await client.sendStateEvent(room.roomId, type as never, content as never, "");
      toast(t("done"));
    } catch (error) {
      toast(tellTrouble(t, error));
    }
    setIsBusy(false);
  };
  if (!maySetRule && !maySetPace) {
    return seconds > 0 ? <p>{t("slowModeIs", { pace: tellPace(seconds, t) })}</p> : null;
  }
  const paces = [...new Set([...PACES, seconds])].sort((one, other) => one - other);
  return (
    <Card title={t("groupSettings")}>
      <div className={styles.settings} aria-busy={isBusy}>
        {maySetRule ? (
          <Choice<JoinRule | "other">
            label={t("joinRule")}
            options={[
              ...JOIN_RULES.map((value) => ({ value, label: t(`joinRule_${value}`) })),
              ...(JOIN_RULES.includes(rule as JoinRule)
                ? []
                : [{ value: "other" as const, label: t("joinRule_other") }]),
            ]}
            value={JOIN_RULES.includes(rule as JoinRule) ? (rule as JoinRule) : "other"}
            onChange={(chosen) => {
              if (chosen !== "other") void set("m.room.join_rules", { join_rule: chosen });
            }}
            hint={t("joinRuleHint")}
          />
        ) : null}
        {maySetPace ? (
          <Choice
            label={t("slowMode")}
            options={paces.map((pace) => ({ value: String(pace), label: tellPace(pace, t) }))}
            value={String(seconds)}
            onChange={(pace) => void set(SLOW_MODE, { seconds: Number(pace) })}
            hint={t("slowModeHint")}
          />
        ) : null}
      </div>
    </Card>
  );
}

export function tellPace(seconds: number, t: ReturnType<typeof useT>): string {
  if (seconds === 0) return t("slowModeOff");
  if (seconds < 60) return t("paceSeconds", { count: seconds });
  return seconds < 3600
    ? t("paceMinutes", { count: Math.round(seconds / 60) })
    : t("paceHours", { count: Math.round(seconds / 3600) });
}
