/** What I may say yes to: both answers are one tap on switches that look the same. */

import { Download } from "lucide-react";
import { useState } from "react";
import { call, fetchApi, type Page as ApiPage } from "@/lib/api";
import { useLanguage, type Key } from "@/lib/language";
import { formatMoment } from "@/lib/time";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Note } from "@/ui/Note";
import { Page } from "@/ui/Page";
import { langOf } from "./api";
import { Await, useLoaded } from "@/ui/loading";
import styles from "./privacy.module.css";
import { saveBlob } from "./sealed";

type State = "none" | "given" | "refused" | "withdrawn" | "expired";

interface Consent {
  purpose: string;
  title: string;
  text: string;
  state: State;
  since: number | null;
  voice: "member" | "gpc" | null;
}

interface Answer {
  receipt_id: string;
  purpose: string;
  state: State;
  at: number;
  notice_version: number;
}

const STATES: Record<State, Key> = {
  none: "consentNone",
  given: "consentGiven",
  refused: "consentRefused",
  withdrawn: "consentWithdrawn",
  expired: "consentExpired",
};

export function Consents() {
  const { t, tag } = useLanguage();
  const [trouble, setTrouble] = useState<unknown>();
  const lang = langOf(tag);
  const loaded = useLoaded(
    () =>
      Promise.all([
        fetchApi<Consent[]>("/privacy/consents", { lang }),
        fetchApi<ApiPage<Answer>>("/privacy/consents/history"),
      ]),
    lang,
  );
  const say = (purpose: string, answer: "yes" | "no") => {
    setTrouble(undefined);
    const body = { answer, language: lang };
    call(`/privacy/consents/${purpose}`, { method: "PUT", body }).then(loaded.reload, setTrouble);
  };
  return (
    <Page title={t("consents")} back={{ to: "/me/privacy", label: t("back") }}>
      <p className={styles.lead}>{t("consentsLead")}</p>
      {trouble ? <Note kind="bad">{tellTrouble(t, trouble)}</Note> : null}
      <Await loaded={loaded}>
        {([consents, history]) => (
          <>
            {consents.map((one) => (
              <Choice key={one.purpose} consent={one} onSay={(answer) => say(one.purpose, answer)} />
            ))}
            <History key={history.items.length} first={history} consents={consents} />
          </>
        )}
      </Await>
    </Page>
  );
}

interface ChoiceProps {
  consent: Consent;
  onSay: (answer: "yes" | "no") => void;
}

function Choice({ consent, onSay }: ChoiceProps) {
  const { t, tag } = useLanguage();
  const isYes = consent.state === "given";
  const isNo = consent.state === "refused" || consent.state === "withdrawn";
  const told = t(STATES[consent.state]);
  const since = consent.since === null ? "" : ` · ${formatMoment(consent.since, tag)}`;
  return (
    <section className={styles.card} data-testid={`consent-${consent.purpose}`}>
      <div className={styles.item}>
        <h2>{consent.title}</h2>
        <p>{consent.text}</p>
        <p className={styles.soft}>
          {told}
          {since}
          {consent.voice === "gpc" ? ` · ${t("consentByBrowser")}` : ""}
        </p>
        {/* Yes and no have one look, one size and cost one tap each, whichever holds now. */}
        <div className={styles.answers} role="group" aria-label={consent.title}>
          <AnswerButton isOn={isYes} label={t("consentYes")} onClick={() => onSay("yes")} />
          <AnswerButton isOn={isNo} label={t("consentNo")} onClick={() => onSay("no")} />
        </div>
      </div>
    </section>
  );
}

interface AnswerProps {
  isOn: boolean;
  label: string;
  onClick: () => void;
}

function AnswerButton({ isOn, label, onClick }: AnswerProps) {
  return (
    <button type="button" className={styles.answer} aria-pressed={isOn} onClick={onClick}>
      {label}
    </button>
  );
}

function History({ first, consents }: { first: ApiPage<Answer>; consents: Consent[] }) {
  const { t, tag } = useLanguage();
  const [more, setMore] = useState<ApiPage<Answer>[]>([]);
  const pages = [first, ...more];
  const next = pages.at(-1)?.next_cursor;
  if (first.items.length === 0) return null;
  const loadMore = async () => {
    const page = await fetchApi<ApiPage<Answer>>("/privacy/consents/history", { cursor: next ?? undefined });
    setMore((now) => [...now, page]);
  };
  const titleOf = (purpose: string) =>
    consents.find((one) => one.purpose === purpose)?.title ?? purpose;
  return (
    <section>
      <h2 className={styles.heading}>{t("consentHistory")}</h2>
      <ul className={styles.card}>
        {pages.flatMap((page) =>
          page.items.map((one) => (
            <li key={one.receipt_id} className={styles.historyLine}>
              <div>
                <p>{titleOf(one.purpose)}</p>
                <p className={styles.soft}>
                  {t(STATES[one.state])} · {formatMoment(one.at, tag)}
                </p>
              </div>
              <ReceiptButton answer={one} title={titleOf(one.purpose)} />
            </li>
          )),
        )}
      </ul>
      {next ? (
        <Button look="quiet" wide onClick={() => void loadMore()}>
          {t("more")}
        </Button>
      ) : null}
    </section>
  );
}

function ReceiptButton({ answer, title }: { answer: Answer; title: string }) {
  const { t } = useLanguage();
  const save = async () => {
    const receipt = await fetchApi<object>(`/privacy/consents/receipts/${answer.receipt_id}`);
    const text = JSON.stringify(receipt, null, 2);
    saveBlob(new Blob([text], { type: "application/ld+json" }), `${answer.receipt_id}.json`);
  };
  return (
    <Button look="plain" aria-label={`${t("consentReceipt")}: ${title}`} onClick={() => void save()}>
      <Download size={18} aria-hidden />
      {t("consentReceipt")}
    </Button>
  );
}
