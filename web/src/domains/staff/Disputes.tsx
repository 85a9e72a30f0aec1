/** Disputes about purchases: an officer decides, and of a large claim another one agrees. */

import { useState } from "react";
import { useLanguage, useT, type Key } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { decimalText, formatMoney, parseAmount, type Money } from "@/lib/money";
import { formatMoment } from "@/lib/time";
import { Button } from "@/ui/Button";
import { Choice } from "@/ui/Choice";
import { useDeed } from "@/ui/deeds";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Await, useLoaded } from "@/ui/loading";
import { Note } from "@/ui/Note";
import { Card, Page } from "@/ui/Page";
import { Standing } from "@/ui/Standing";
import { State } from "@/ui/State";
import {
  actOnRuling,
  decideDispute,
  fetchDisputes,
  type DisputeStatus,
  type StaffDispute,
} from "./api";
import { Entry } from "./parts";
import styles from "./staff.module.css";

const STATUSES = ["in_review", "proposed", "awaiting_shop", "decided", "closed"] as const;

export function Disputes() {
  const t = useT();
  const [status, setStatus] = useState<DisputeStatus>("in_review");
  const loaded = useLoaded(() => fetchDisputes(status), status);
  return (
    <Page title={t("staffDisputes")} back={{ to: "/me/staff", label: t("back") }}>
      <p className={styles.soft}>{t("staffDisputesText")}</p>
      <Choice
        label={t("staffShow")}
        value={status}
        options={STATUSES.map((one) => ({ value: one, label: t(`staffDispute_${one}`) }))}
        onChange={setStatus}
      />
      <Await loaded={loaded}>
        {({ items }) =>
          items.length === 0 ? (
            <State title={t("staffNoDisputes")} />
          ) : (
            <Card>
              {items.map((one) => (
                <DisputeEntry key={one.view.dispute_id} found={one} onChanged={loaded.reload} />
              ))}
            </Card>
          )
        }
      </Await>
    </Page>
  );
}

function DisputeEntry({ found, onChanged }: { found: StaffDispute; onChanged: () => void }) {
  const { t, tag } = useLanguage();
  const { view, status, proposed, decided_by: deciders } = found;
  const byDefault = view.by_default[tag === "zh-Hans" ? "zh" : "en"];
  return (
    <Entry
      title={`${view.shop_name} · ${formatMoney(view.claim, tag)}`}
      at={view.opened_at}
      tag={<Standing>{t(`staffDispute_${status}`)}</Standing>}
    >
      <p>{t(`cause_${view.cause}` as Key)}</p>
      {view.said.map((one, index) => (
        <p key={index} className={styles.quote}>
          <strong>{t(`staffSaid_${one.author}`)}</strong> {one.text}
        </p>
      ))}
      {view.refund ? (
        <p>{t("disputeRefund", { amount: formatMoney(view.refund, tag) })}</p>
      ) : null}
      {proposed ? (
        <Note>
          {t("staffRulingProposed", {
            who: deciders.at(-1) ?? "",
            amount: formatMoney(proposed, tag),
          })}
        </Note>
      ) : null}
      {view.deadline !== null ? (
        <p className={styles.soft}>
          {t("disputeUntil", { when: formatMoment(view.deadline, tag) })} {byDefault}
        </p>
      ) : null}
      <Deeds found={found} onChanged={onChanged} />
    </Entry>
  );
}

function Deeds({ found, onChanged }: { found: StaffDispute; onChanged: () => void }) {
  const t = useT();
  const me = useClient().getSafeUserId();
  const { isBusy, trouble, run } = useDeed();
  const { view, status, decided_by: deciders } = found;
  const act = async (deed: "approve" | "reject") => {
    if (await run(() => actOnRuling(view.dispute_id, deed))) onChanged();
  };
  const isMine = deciders.includes(me);
  if (status === "in_review") {
    return isMine ? (
      <Note>{t("staffDisputeOther")}</Note>
    ) : (
      <div className={styles.buttons}>
        <Decide found={found} onDone={onChanged} />
      </div>
    );
  }
  if (status !== "proposed") return null;
  if (isMine) return <Note>{t("staffAnotherApproves")}</Note>;
  return (
    <>
      {trouble ? <Note kind="bad">{trouble}</Note> : null}
      <div className={styles.buttons}>
        <Button busy={isBusy} onClick={() => void act("approve")}>
          {t("staffApprove")}
        </Button>
        <Button look="quiet" busy={isBusy} onClick={() => void act("reject")}>
          {t("staffReject")}
        </Button>
      </div>
    </>
  );
}

/** What an officer typed, from nothing to all that is claimed; nothing where it is no such amount. */
function readRefund(typed: string, claim: Money): Money | undefined {
  if (/^0+([.,]0*)?$/.test(typed.trim())) return { ...claim, minor: 0 };
  const found = parseAmount(typed, claim.currency);
  return found && found.minor <= claim.minor ? found : undefined;
}

function Decide({ found, onDone }: { found: StaffDispute; onDone: () => void }) {
  const { t, tag } = useLanguage();
  const { claim, dispute_id: id } = found.view;
  const [isOpen, setIsOpen] = useState(false);
  const [typed, setTyped] = useState(() => decimalText(claim));
  const [text, setText] = useState("");
  const { isBusy, trouble, run } = useDeed();
  const refund = readRefund(typed, claim);
  const decide = async () => {
    if (!refund || !(await run(() => decideDispute(id, refund, text.trim())))) return;
    setIsOpen(false);
    onDone();
  };
  return (
    <>
      <Button onClick={() => setIsOpen(true)}>{t("staffDecide")}</Button>
      {isOpen ? (
        <Dialog title={t("staffDecide")} closeLabel={t("close")} onClose={() => setIsOpen(false)}>
          <form
            className={styles.form}
            onSubmit={(event) => {
              event.preventDefault();
              void decide();
            }}
          >
            <p>{t("staffDecideDisputeText")}</p>
            <Field
              label={t("staffRefund", { currency: claim.currency })}
              hint={t("staffRefundHint", { amount: formatMoney(claim, tag) })}
              error={
                refund ? undefined : t("staffRefundWrong", { amount: formatMoney(claim, tag) })
              }
              inputMode="decimal"
              value={typed}
              onChange={setTyped}
            />
            <Field
              label={t("staffReason")}
              hint={t("staffBothTold")}
              value={text}
              onChange={setText}
              maxLength={4000}
              required
            />
            {trouble ? <Note kind="bad">{trouble}</Note> : null}
            <Button type="submit" wide busy={isBusy} disabled={!refund || text.trim() === ""}>
              {t("staffDecide")}
            </Button>
          </form>
        </Dialog>
      ) : null}
    </>
  );
}
