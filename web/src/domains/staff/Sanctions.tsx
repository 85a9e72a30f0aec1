/** Suspensions of members, and appeals that somebody else than who imposed them decides. */

import { useState } from "react";
import { useLanguage, useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { sendDecision, useRules, type Rule, type Sanction } from "@/lib/sanctions";
import { formatMoment } from "@/lib/time";
import { Button } from "@/ui/Button";
import { useDeed } from "@/ui/deeds";
import { Choice } from "@/ui/Choice";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Await, useLoaded } from "@/ui/loading";
import { Note } from "@/ui/Note";
import { Card, Page } from "@/ui/Page";
import { State } from "@/ui/State";
import { Standing } from "@/ui/Standing";
import { fetchSanctions, suspend } from "./api";
import { Entry, ReasonedButton } from "./parts";
import styles from "./staff.module.css";

const DAYS = [1, 7, 30, 90] as const;
const DAY_MS = 86_400_000;

export function Sanctions() {
  const t = useT();
  const loaded = useLoaded(fetchSanctions);
  return (
    <Page title={t("staffSanctions")} back={{ to: "/me/staff", label: t("back") }}>
      <p className={styles.soft}>{t("staffSanctionsText")}</p>
      <Suspend onDone={loaded.reload} />
      <Await loaded={loaded}>
        {({ sanctions }) =>
          sanctions.length === 0 ? (
            <State title={t("staffNoSanctions")} />
          ) : (
            <Card>
              {sanctions.map((one) => (
                <SanctionEntry key={one.sanction_id} sanction={one} onChanged={loaded.reload} />
              ))}
            </Card>
          )
        }
      </Await>
    </Page>
  );
}

function SanctionEntry({ sanction, onChanged }: { sanction: Sanction; onChanged: () => void }) {
  const { t, tag } = useLanguage();
  const me = useClient().getSafeUserId();
  const awaits = sanction.appeal !== null && sanction.decision === null;
  const mayDecide = awaits && sanction.by_user_id !== me;
  const decide = (decision: "upheld" | "lifted") => (reason: string) =>
    sendDecision(sanction.sanction_id, decision, reason);
  return (
    <Entry
      title={sanction.user_id}
      at={sanction.imposed_at}
      tag={awaits ? <Standing isBad>{t("staffAppealed")}</Standing> : null}
    >
      <p>{`${t(`rule_${sanction.rule}`)}: ${sanction.reason}`}</p>
      <p className={styles.soft}>
        {t("staffBy", { who: sanction.by_user_id })}
        {sanction.until === null || sanction.ended_at !== null
          ? null
          : ` · ${t("staffUntil", { when: formatMoment(sanction.until, tag) })}`}
        {sanction.ended_at === null ? null : ` · ${t("staffEnded")}`}
      </p>
      {sanction.appeal ? <p className={styles.quote}>{sanction.appeal}</p> : null}
      {sanction.decision_reason ? <p>{sanction.decision_reason}</p> : null}
      {awaits && !mayDecide ? <Note>{t("staffAnotherDecides")}</Note> : null}
      {mayDecide ? (
        <div className={styles.buttons}>
          <ReasonedButton
            label="staffUphold"
            text="staffDecideText"
            deed={decide("upheld")}
            onDone={onChanged}
          />
          <ReasonedButton
            label="staffEnd"
            text="staffDecideText"
            deed={decide("lifted")}
            onDone={onChanged}
          />
        </div>
      ) : null}
    </Entry>
  );
}

function Suspend({ onDone }: { onDone: () => void }) {
  const t = useT();
  const [isOpen, setIsOpen] = useState(false);
  const [userId, setUserId] = useState("");
  const [rule, setRule] = useState<Rule>("abuse");
  const rules = useRules();
  const [days, setDays] = useState<number>(7);
  const [reason, setReason] = useState("");
  const { isBusy, trouble, run } = useDeed();
  const act = async () => {
    const until = Date.now() + days * DAY_MS;
    const asked = { user_id: userId.trim(), rule, reason: reason.trim(), until };
    if (!(await run((key) => suspend(asked, key)))) return;
    setIsOpen(false);
    onDone();
  };
  return (
    <>
      <div className={styles.buttons}>
        <Button look="quiet" onClick={() => setIsOpen(true)}>
          {t("staffSuspend")}
        </Button>
      </div>
      {isOpen ? (
        <Dialog title={t("staffSuspend")} closeLabel={t("close")} onClose={() => setIsOpen(false)}>
          <form
            className={styles.form}
            onSubmit={(event) => {
              event.preventDefault();
              void act();
            }}
          >
            <p>{t("staffSuspendText")}</p>
            <Field label={t("staffMemberId")} value={userId} onChange={setUserId} required />
            <Choice
              label={t("staffRule")}
              value={rule}
              options={rules}
              onChange={setRule}
            />
            <Choice
              label={t("staffFor")}
              value={String(days)}
              options={DAYS.map((one) => ({ value: String(one), label: t("staffDays", { count: one }) }))}
              onChange={(chosen) => setDays(Number(chosen))}
            />
            <Field
              label={t("staffReason")}
              hint={t("staffReasonTold")}
              value={reason}
              onChange={setReason}
              maxLength={500}
              required
            />
            {trouble ? <Note kind="bad">{trouble}</Note> : null}
            <Button
              type="submit"
              look="danger"
              wide
              busy={isBusy}
              disabled={userId.trim() === "" || reason.trim() === ""}
            >
              {t("staffSuspend")}
            </Button>
          </form>
        </Dialog>
      ) : null}
    </>
  );
}
