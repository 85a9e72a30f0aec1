/** When a purchase went wrong: open a dispute, follow it, add to it, appeal. */

import { Scale } from "lucide-react";
import { useState, type SyntheticEvent } from "react";
import { useLocation } from "wouter";
import { useLanguage, type Key } from "@/lib/language";
import { formatMoney, parseAmount, type Money } from "@/lib/money";
import { formatMoment } from "@/lib/time";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Card, Page } from "@/ui/Page";
import { Loading, State } from "@/ui/State";
import { Choice } from "@/ui/Choice";
import { Standing } from "@/ui/Standing";
import { Words } from "./Words";
import { useDeed } from "./deeds";
import { readClaim } from "./pageViews";
import {
  addToDispute,
  appealDispute,
  CAUSES,
  fetchDisputes,
  fetchReceipt,
  openDispute,
  withdrawDispute,
  type Cause,
  type Dispute,
} from "./pagesApi";
import { choose, tellWalletTrouble } from "./trouble";
import { useWalletData } from "./wallets";
import styles from "./pages.module.css";

const TEXT_MAX = 4000;

/** @param paymentId of a purchase about which one is opened, where one is. */
export function DisputesPage({ paymentId }: { paymentId: string | undefined }) {
  const { t, tag } = useLanguage();
  const [, go] = useLocation();
  const { value, trouble, reload } = useWalletData(fetchDisputes);
  const opened = value?.items.find((one) => one.payment_id === paymentId);
  const leave = () => {
    reload();
    go("/me/disputes");
  };
  return (
    <Page title={t("disputes")} back={{ to: "/me/wallet", label: t("back") }}>
      {trouble ? <Note kind="bad">{tellWalletTrouble(t, tag, trouble)}</Note> : null}
      {!value ? (
        trouble ? null : (
          <Loading label={t("loading")} />
        )
      ) : paymentId && !opened ? (
        <OpenDispute paymentId={paymentId} onOpened={leave} />
      ) : value.items.length === 0 ? (
        <State icon={<Scale size={28} />} title={t("disputesNone")}>
          {t("disputesNoneText")}
        </State>
      ) : (
        <Card>
          {value.items.map((dispute) => (
            <One key={dispute.dispute_id} dispute={dispute} onChanged={reload} />
          ))}
        </Card>
      )}
    </Page>
  );
}

function OpenDispute({ paymentId, onOpened }: { paymentId: string; onOpened: () => void }) {
  const { t, tag } = useLanguage();
  const { value, trouble } = useWalletData(() => fetchReceipt(paymentId), paymentId);
  if (trouble) return <Note kind="bad">{tellWalletTrouble(t, tag, trouble)}</Note>;
  if (!value) return <Loading label={t("loading")} />;
  return <OpenForm purchase={value} onOpened={onOpened} />;
}

interface OpenProps {
  purchase: { payment_id: string; payee: string; amount: Money };
  onOpened: () => void;
}

function OpenForm({ purchase, onOpened }: OpenProps) {
  const { t, tag } = useLanguage();
  const [cause, setCause] = useState<Cause>("not_received");
  const [typed, setTyped] = useState("");
  const [text, setText] = useState("");
  const deed = useDeed();
  const { amount: paid, payee, payment_id: paymentId } = purchase;
  const claim = readClaim(parseAmount(typed, paid.currency), typed.trim() === "", paid);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!claim) return;
    const wish = { payment_id: paymentId, cause, text: text.trim(), ...claim };
    if (await deed.run((key) => openDispute(wish, key))) onOpened();
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <p>{t("disputeIntro", { name: payee, amount: formatMoney(paid, tag) })}</p>
      {deed.trouble ? <Note kind="bad">{deed.trouble}</Note> : null}
      <Choice
        label={t("disputeCause")}
        options={CAUSES.map((one) => ({ value: one, label: t(`cause_${one}`) }))}
        value={cause}
        onChange={setCause}
      />
      <Field
        label={t("disputeClaim", { currency: paid.currency })}
        hint={t("disputeClaimHint", { amount: formatMoney(paid, tag) })}
        error={claim ? undefined : t("disputeClaimWrong", { amount: formatMoney(paid, tag) })}
        inputMode="decimal"
        value={typed}
        onChange={setTyped}
      />
      <Words label={t("disputeText")} value={text} onChange={setText} max={TEXT_MAX} />
      <Button type="submit" wide busy={deed.isBusy} disabled={!claim || !text.trim()}>
        {t("disputeDo")}
      </Button>
    </form>
  );
}

const AUTHOR: Record<"payer" | "shop" | "house", Key> = {
  payer: "you",
  shop: "disputeShop",
  house: "disputeHouse",
};

function One({ dispute, onChanged }: { dispute: Dispute; onChanged: () => void }) {
  const { t, tag } = useLanguage();
  const byDefault = choose(dispute.by_default, tag);
  return (
    <div className={styles.job} data-testid="dispute">
      <div className={styles.jobHead}>
        <span>
          {dispute.shop_name} · {formatMoney(dispute.claim, tag)}
        </span>
        <Standing>{t(`dispute_${dispute.status}`)}</Standing>
      </div>
      <p className={styles.soft}>
        {t(`cause_${dispute.cause}`)} · {formatMoment(dispute.opened_at, tag)}
      </p>
      {dispute.refund ? (
        <p>{t("disputeRefund", { amount: formatMoney(dispute.refund, tag) })}</p>
      ) : null}
      {dispute.deadline !== null ? (
        <p className={styles.soft}>
          {t("disputeUntil", { when: formatMoment(dispute.deadline, tag) })} {byDefault}
        </p>
      ) : null}
      {dispute.said.map((said, index) => (
        <div key={index} className={styles.said}>
          <p className={styles.soft}>
            {t(AUTHOR[said.author])} · {formatMoment(said.at, tag)}
          </p>
          <p>{said.text}</p>
        </div>
      ))}
      <Acts dispute={dispute} onChanged={onChanged} />
    </div>
  );
}

function Acts({ dispute, onChanged }: { dispute: Dispute; onChanged: () => void }) {
  const { t } = useLanguage();
  const [text, setText] = useState("");
  const deed = useDeed();
  const isOpen = dispute.status === "awaiting_shop" || dispute.status === "in_review";
  const { dispute_id: id } = dispute;
  const act = async (what: (key: string) => Promise<unknown>) => {
    if (!(await deed.run(what))) return;
    setText("");
    onChanged();
  };
  if (!isOpen && !dispute.can_appeal) return null;
  return (
    <>
      {deed.trouble ? <Note kind="bad">{deed.trouble}</Note> : null}
      <Words
        label={t(isOpen ? "disputeAdd" : "disputeWhy")}
        value={text}
        onChange={setText}
        max={TEXT_MAX}
      />
      <div className={styles.buttons}>
        {isOpen ? (
          <>
            <Button
              look="quiet"
              busy={deed.isBusy}
              disabled={!text.trim()}
              onClick={() => void act((key) => addToDispute(id, text.trim(), key))}
            >
              {t("send")}
            </Button>
            <Button look="plain" busy={deed.isBusy} onClick={() => void act(() => withdrawDispute(id))}>
              {t("disputeWithdraw")}
            </Button>
          </>
        ) : (
          <Button
            look="quiet"
            busy={deed.isBusy}
            disabled={!text.trim()}
            onClick={() => void act(() => appealDispute(id, text.trim()))}
          >
            {t("disputeAppeal")}
          </Button>
        )}
      </div>
    </>
  );
}
