/** Freezes of wallets: one of the staff proposes, another approves. */

import { useState } from "react";
import { useLanguage, useT, type Key } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { formatMoment } from "@/lib/time";
import { Button } from "@/ui/Button";
import { useDeed } from "@/ui/deeds";
import { Dialog } from "@/ui/Dialog";
import { Field, Segments, Switch } from "@/ui/Field";
import { Await, useLoaded } from "@/ui/loading";
import { Note } from "@/ui/Note";
import { Card, Page } from "@/ui/Page";
import { State } from "@/ui/State";
import { Standing } from "@/ui/Standing";
import { actOnFreeze, fetchFreezes, proposeFreeze, type FreezeAct, type StaffFreeze } from "./api";
import { Entry, ReasonedButton } from "./parts";
import styles from "./staff.module.css";

export function Freezes() {
  const t = useT();
  const [status, setStatus] = useState<"proposed" | "in_force">("proposed");
  const loaded = useLoaded(() => fetchFreezes(status), status);
  return (
    <Page title={t("staffFreezes")} back={{ to: "/me/staff", label: t("back") }}>
      <p className={styles.soft}>{t("staffFreezesText")}</p>
      <Propose onDone={loaded.reload} />
      <Segments
        label={t("staffFreezes")}
        options={[
          { value: "proposed", label: t("staffFreezesProposed") },
          { value: "in_force", label: t("staffFreezesInForce") },
        ]}
        value={status}
        onChange={setStatus}
      />
      <Await loaded={loaded}>
        {({ items }) =>
          items.length === 0 ? (
            <State title={t("staffNoFreezes")} />
          ) : (
            <Card>
              {items.map((one) => (
                <FreezeEntry key={one.freeze.freeze_id} found={one} onChanged={loaded.reload} />
              ))}
            </Card>
          )
        }
      </Await>
    </Page>
  );
}

function FreezeEntry({ found, onChanged }: { found: StaffFreeze; onChanged: () => void }) {
  const { t, tag } = useLanguage();
  const me = useClient().getSafeUserId();
  const { freeze } = found;
  const awaits = isAwaiting(found);
  const lifter = freeze.lift_proposed_by;
  return (
    <Entry
      title={found.user_id ?? freeze.party}
      at={freeze.created_at}
      tag={freeze.kind === "emergency" ? <Standing isBad>{t("staffEmergency")}</Standing> : null}
    >
      <p>{freeze.reason}</p>
      <p className={styles.soft}>{t("staffBy", { who: freeze.created_by })}</p>
      {awaits && freeze.lapses_at !== null ? (
        <p className={styles.soft}>
          {t("staffLapses", { when: formatMoment(freeze.lapses_at, tag) })}
        </p>
      ) : null}
      {awaits && freeze.created_by === me ? <Note>{t("staffAnotherApproves")}</Note> : null}
      {lifter ? <Note>{t("staffLiftProposed", { who: lifter })}</Note> : null}
      <div className={styles.buttons}>
        {listDeeds(found, me).map((deed) => (
          <ReasonedButton
            key={deed.act}
            {...deed}
            deed={(note) => actOnFreeze(freeze.freeze_id, deed.act, note)}
            onDone={onChanged}
          />
        ))}
      </div>
    </Entry>
  );
}

function isAwaiting({ freeze }: StaffFreeze): boolean {
  return freeze.status === "proposed" || (freeze.kind === "emergency" && !freeze.approved_by);
}

interface FreezeDeed {
  act: FreezeAct;
  label: Key;
  text: Key;
  look: "primary" | "quiet";
}

const DEEDS = {
  approve: { act: "approve", label: "staffApprove", text: "staffApproveText", look: "primary" },
  reject: { act: "reject", label: "staffReject", text: "staffRejectText", look: "quiet" },
  lift: { act: "lift", label: "staffLift", text: "staffLiftText", look: "quiet" },
  agree: {
    act: "lift/approve",
    label: "staffLiftApprove",
    text: "staffLiftApproveText",
    look: "primary",
  },
  disagree: {
    act: "lift/reject",
    label: "staffLiftReject",
    text: "staffLiftRejectText",
    look: "quiet",
  },
} satisfies Record<string, FreezeDeed>;

/** What one of the staff can do about a freeze: never both halves of what takes two. */
function listDeeds(found: StaffFreeze, me: string): FreezeDeed[] {
  const { created_by: proposer, lift_proposed_by: lifter, kind } = found.freeze;
  if (isAwaiting(found)) return proposer === me ? [DEEDS.reject] : [DEEDS.approve, DEEDS.reject];
  if (lifter) return lifter === me ? [DEEDS.disagree] : [DEEDS.agree, DEEDS.disagree];
  return kind === "own" ? [] : [DEEDS.lift];
}

function Propose({ onDone }: { onDone: () => void }) {
  const t = useT();
  const [isOpen, setIsOpen] = useState(false);
  const [userId, setUserId] = useState("");
  const [reason, setReason] = useState("");
  const [isEmergency, setIsEmergency] = useState(false);
  const { isBusy, trouble, run } = useDeed();
  const propose = async () => {
    const asked = { user_id: userId.trim(), reason: reason.trim(), is_emergency: isEmergency };
    if (!(await run((key) => proposeFreeze(asked, key)))) return;
    setIsOpen(false);
    onDone();
  };
  return (
    <>
      <div className={styles.buttons}>
        <Button onClick={() => setIsOpen(true)}>{t("staffPropose")}</Button>
      </div>
      {isOpen ? (
        <Dialog title={t("staffPropose")} closeLabel={t("close")} onClose={() => setIsOpen(false)}>
          <form
            className={styles.form}
            onSubmit={(event) => {
              event.preventDefault();
              void propose();
            }}
          >
            <Field label={t("staffMemberId")} value={userId} onChange={setUserId} required />
            <Field
              label={t("staffReason")}
              hint={t("staffReasonTold")}
              value={reason}
              onChange={setReason}
              maxLength={500}
              required
            />
            <Switch
              label={t("staffEmergency")}
              hint={t("staffEmergencyHint")}
              isOn={isEmergency}
              onChange={setIsEmergency}
            />
            {trouble ? <Note kind="bad">{trouble}</Note> : null}
            <Button
              type="submit"
              wide
              busy={isBusy}
              disabled={userId.trim() === "" || reason.trim() === ""}
            >
              {t("staffPropose")}
            </Button>
          </form>
        </Dialog>
      ) : null}
    </>
  );
}
