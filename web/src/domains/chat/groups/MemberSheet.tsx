import { Ban, ChevronRight, UserMinus } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { useState, type SyntheticEvent } from "react";
import { useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { tellTrouble } from "@/lib/trouble";
import { useRules, type Rule } from "@/lib/sanctions";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Card, Row } from "@/ui/Page";
import { toast } from "@/ui/Toast";
import { nameOfMember } from "../naming";
import { Choice } from "@/ui/Choice";
import styles from "../safety/safety.module.css";
import { removeMember } from "./api";
import { mayAct, MODERATOR, roleOf, rolesToGive, withRole, type Role } from "./levels";
import { levelOf, ownLevel, readLevels } from "./reading";

const DAY_MS = 86_400_000;
const TERMS = [1, 7, 30, 365] as const;

interface Props {
  room: Room;
  userId: string;
  onClose: () => void;
}

/** Whether there is anything that one may do to a member of a group. */
export function mayManage(room: Room, userId: string): boolean {
  const levels = readLevels(room);
  const [own, other] = [ownLevel(room), levelOf(room, userId)];
  return mayAct(own, other, levels.kick ?? MODERATOR) || rolesToGive(own, other, levels).length > 0;
}

/** A member of a group, with what an owner or moderator may do. */
export function MemberSheet({ room, userId, onClose }: Props) {
  const t = useT();
  const client = useClient();
  const [removes, setRemoves] = useState<"kick" | "ban">();
  const [isBusy, setIsBusy] = useState(false);
  const name = nameOfMember(room, userId);
  const levels = readLevels(room);
  const [own, other] = [ownLevel(room), levelOf(room, userId)];
  const roles = rolesToGive(own, other, levels);
  const role = roleOf(other);
  const give = async (chosen: Role) => {
    setIsBusy(true);
    try {
      const content = withRole(readLevels(room), userId, chosen);
      await client.sendStateEvent(room.roomId, "m.room.power_levels" as never, content as never, "");
      toast(t("done"));
      onClose();
    } catch (error) {
      toast(tellTrouble(t, error));
      setIsBusy(false);
    }
  };
  if (removes) return <Remove room={room} userId={userId} kind={removes} onClose={onClose} />;
  return (
    <Dialog title={name} closeLabel={t("close")} onClose={onClose}>
      <div className={styles.form} aria-busy={isBusy}>
        <Card>
          <Row
            title={t("seeProfile")}
            sub={userId}
            end={<ChevronRight size={18} aria-hidden />}
            to={`/contacts/${encodeURIComponent(userId)}`}
          />
        </Card>
        {roles.length > 0 ? (
          <Choice
            label={t("role")}
            options={roles.map((value) => ({ value, label: t(`role_${value}`) }))}
            value={role}
            onChange={(chosen) => void give(chosen)}
            hint={t("roleHint")}
          />
        ) : null}
        <Card>
          {mayAct(own, other, levels.kick ?? MODERATOR) ? (
            <Row
              icon={<UserMinus size={20} />}
              title={t("removeMember")}
              onClick={() => setRemoves("kick")}
            />
          ) : null}
          {mayAct(own, other, levels.ban ?? MODERATOR) ? (
            <Row icon={<Ban size={20} />} title={t("banMember")} onClick={() => setRemoves("ban")} />
          ) : null}
        </Card>
      </div>
    </Dialog>
  );
}

/** When a ban ends; a kick is over at once. */
function endOf(kind: "kick" | "ban", days: string): number | null {
  return kind === "ban" ? Date.now() + Number(days) * DAY_MS : null;
}

interface RemoveProps extends Props {
  kind: "kick" | "ban";
}

function Remove({ room, userId, kind, onClose }: RemoveProps) {
  const t = useT();
  const reasons = useRules();
  const [rule, setRule] = useState<Rule>("spam");
  const [reason, setReason] = useState("");
  const [days, setDays] = useState("7");
  const [isBusy, setIsBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const name = nameOfMember(room, userId);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setIsBusy(true);
    try {
      await removeMember(room.roomId, { user_id: userId, kind, rule, reason: reason.trim(), until: endOf(kind, days) });
      toast(t("memberRemoved", { name }));
      onClose();
    } catch (error) {
      setTrouble(tellTrouble(t, error));
      setIsBusy(false);
    }
  };
  return (
    <Dialog
      title={kind === "ban" ? t("banTitle", { name }) : t("removeTitle", { name })}
      closeLabel={t("close")}
      onClose={onClose}
    >
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <Note>{t("removeText")}</Note>
        <Choice label={t("ruleBroken")} options={reasons} value={rule} onChange={setRule} />
        <Field label={t("removeReason")} value={reason} onChange={setReason} maxLength={1000} />
        {kind === "ban" ? (
          <Choice
            label={t("banFor")}
            options={TERMS.map((count) => ({ value: String(count), label: t("days", { count }) }))}
            value={days}
            onChange={setDays}
            hint={t("banForHint")}
          />
        ) : null}
        {trouble ? <Note kind="bad">{trouble}</Note> : null}
        <Button type="submit" look="danger" wide busy={isBusy} disabled={!reason.trim()}>
          {kind === "ban" ? t("banMember") : t("removeMember")}
        </Button>
      </form>
    </Dialog>
  );
}
