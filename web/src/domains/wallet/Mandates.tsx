/** Consents to recurring charges. */

import { Repeat } from "lucide-react";
import { useState } from "react";
import { useLanguage, type LanguageTag } from "@/lib/language";
import { formatMoney } from "@/lib/money";
import { formatMoment } from "@/lib/time";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Note } from "@/ui/Note";
import { Card, Page } from "@/ui/Page";
import { Loading, State } from "@/ui/State";
import { Standing } from "@/ui/Standing";
import { beginConfirmation } from "./api";
import { useDeed } from "./deeds";
import { chooseSet, Confirm, type Asked } from "./Paying";
import { acceptMandate, answerMandate, fetchMandates, type Mandate } from "./pagesApi";
import { tellWalletTrouble } from "./trouble";
import { useWalletData } from "./wallets";
import styles from "./pages.module.css";

export function MandatesPage() {
  const { t, tag } = useLanguage();
  const { value, trouble, reload } = useWalletData(fetchMandates);
  return (
    <Page title={t("mandates")} back={{ to: "/me/wallet", label: t("back") }}>
      {trouble ? <Note kind="bad">{tellWalletTrouble(t, tag, trouble)}</Note> : null}
      {!value ? (
        trouble ? null : (
          <Loading label={t("loading")} />
        )
      ) : value.items.length === 0 ? (
        <State icon={<Repeat size={28} />} title={t("mandatesNone")}>
          {t("mandatesNoneText")}
        </State>
      ) : (
        <Card>
          {value.items.map((mandate) => (
            <One key={mandate.mandate_id} mandate={mandate} onChanged={reload} />
          ))}
        </Card>
      )}
    </Page>
  );
}

function describe(mandate: Mandate, tag: LanguageTag): string {
  const { description_en: en, description_zh: zh } = mandate.terms;
  return tag === "zh-Hans" && zh ? zh : en;
}

function One({ mandate, onChanged }: { mandate: Mandate; onChanged: () => void }) {
  const { t, tag } = useLanguage();
  const { terms, status } = mandate;
  return (
    <div className={styles.job} data-testid="mandate">
      <div className={styles.jobHead}>
        <span>{mandate.payee}</span>
        <Standing isBad={status === "declined"}>{t(`mandate_${status}`)}</Standing>
      </div>
      <p>{describe(mandate, tag)}</p>
      <p className={styles.soft}>
        {t(terms.amount ? "mandateFixed" : "mandateUpTo", {
          amount: formatMoney(terms.amount ?? terms.charge_max, tag),
          period: t(`mandatePeriod_${terms.period}`),
        })}
        {terms.notice_days > 0 ? ` · ${t("mandateNotice", { days: terms.notice_days })}` : null}
      </p>
      {mandate.next_charge ? (
        <p className={styles.soft}>
          {t("mandateNext", {
            amount: formatMoney(mandate.next_charge.amount, tag),
            when: formatMoment(mandate.next_charge.due_at, tag),
          })}
        </p>
      ) : null}
      {status === "active" ? <Cancel mandate={mandate} onChanged={onChanged} /> : null}
      {status === "proposed" ? <Answer mandate={mandate} onChanged={onChanged} /> : null}
    </div>
  );
}

interface DeedProps {
  mandate: Mandate;
  onChanged: () => void;
}

function Cancel({ mandate, onChanged }: DeedProps) {
  const { t } = useLanguage();
  const [isAsking, setIsAsking] = useState(false);
  const deed = useDeed();
  const cancel = async () => {
    if (!(await deed.run(() => answerMandate(mandate.mandate_id, "cancel")))) return;
    setIsAsking(false);
    onChanged();
  };
  return (
    <div className={styles.buttons}>
      <Button
        look="danger"
        aria-label={`${t("mandateCancel")}: ${mandate.payee}`}
        onClick={() => setIsAsking(true)}
      >
        {t("mandateCancel")}
      </Button>
      {isAsking ? (
        <Dialog title={t("mandateCancel")} closeLabel={t("close")} onClose={() => setIsAsking(false)}>
          <p>{t("mandateCancelText", { name: mandate.payee })}</p>
          {deed.trouble ? <Note kind="bad">{deed.trouble}</Note> : null}
          <Button look="danger" wide busy={deed.isBusy} onClick={() => void cancel()}>
            {t("mandateCancelDo")}
          </Button>
        </Dialog>
      ) : null}
    </div>
  );
}

/** A consent is always confirmed: any one factor of the member's will do. */
function Answer({ mandate, onChanged }: DeedProps) {
  const { t } = useLanguage();
  const deed = useDeed();
  const [asked, setAsked] = useState<Asked>();
  const [hasNone, setHasNone] = useState(false);
  const begin = () =>
    deed.run(async () => {
      const { confirm } = mandate;
      if (!confirm) return;
      const { payee_party: party, amount, kind, reference } = confirm;
      const facts = { kind, amount, reference, ...(party ? { payee: { party } } : {}) };
      const confirmation = await beginConfirmation(facts);
      const sets = confirmation.offered.map((factor) => [factor]);
      if (chooseSet(sets, confirmation.offered).length === 0) setHasNone(true);
      else setAsked({ confirmation, sets, reasons: [] });
    });
  const accept = async (confirmation: string) => {
    setAsked(undefined);
    if (await deed.run((key) => acceptMandate(mandate.mandate_id, confirmation, key))) onChanged();
  };
  const decline = async () => {
    if (await deed.run(() => answerMandate(mandate.mandate_id, "decline"))) onChanged();
  };
  return (
    <>
      {deed.trouble ? <Note kind="bad">{deed.trouble}</Note> : null}
      {hasNone ? <Note kind="bad">{t("confirmNoFactor")}</Note> : null}
      <div className={styles.buttons}>
        <Button look="quiet" busy={deed.isBusy} onClick={() => void decline()}>
          {t("decline")}
        </Button>
        <Button busy={deed.isBusy} onClick={() => void begin()}>
          {t("mandateAccept")}
        </Button>
      </div>
      {asked ? (
        <Confirm asked={asked} onConfirmed={accept} onClose={() => setAsked(undefined)} />
      ) : null}
    </>
  );
}
