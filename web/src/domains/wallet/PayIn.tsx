/** Paying in: where to transfer money to, and which reference makes it arrive here. */

import { Copy, Landmark } from "lucide-react";
import { useState } from "react";
import { useLanguage } from "@/lib/language";
import { Code } from "@/lib/code";
import { formatMoney } from "@/lib/money";
import { formatMoment } from "@/lib/time";
import { Button } from "@/ui/Button";
import { Choice } from "@/ui/Choice";
import { Note } from "@/ui/Note";
import { Card, Page, Row } from "@/ui/Page";
import { Loading, State } from "@/ui/State";
import { toast } from "@/ui/Toast";
import { useDeed } from "./deeds";
import { groupByFour, makeTransferCode } from "./pageViews";
import {
  askReference,
  fetchPayInDetails,
  fetchPayIns,
  type PayIn,
  type PayInDetails,
} from "./pagesApi";
import { tellWalletTrouble } from "./trouble";
import { useWalletData } from "./wallets";
import styles from "./pages.module.css";

export function PayInPage() {
  const { t, tag } = useLanguage();
  const { value, trouble, reload } = useWalletData(() =>
    Promise.all([fetchPayInDetails(), fetchPayIns()]),
  );
  const [wanted, setWanted] = useState("");
  const chosen = value?.[0].find((one) => one.currency === wanted) ?? value?.[0][0];
  return (
    <Page title={t("payIn")} back={{ to: "/me/wallet", label: t("back") }}>
      {trouble ? <Note kind="bad">{tellWalletTrouble(t, tag, trouble)}</Note> : null}
      {!value ? (
        trouble ? null : (
          <Loading label={t("loading")} />
        )
      ) : !chosen ? (
        <State icon={<Landmark size={28} />} title={t("payInNone")}>
          {t("payInNoneText")}
        </State>
      ) : (
        <>
          {value[0].length > 1 ? (
            <Choice
              label={t("currency")}
              options={value[0].map(({ currency }) => ({ value: currency, label: currency }))}
              value={chosen.currency}
              onChange={setWanted}
            />
          ) : null}
          <Where key={chosen.currency} details={chosen} onAsked={reload} />
          <Arrived payIns={value[1].items} />
        </>
      )}
    </Page>
  );
}

function Where({ details, onAsked }: { details: PayInDetails; onAsked: () => void }) {
  const { t } = useLanguage();
  const deed = useDeed();
  const ask = async () => {
    if (await deed.run((key) => askReference(details.currency, key))) onAsked();
  };
  const { reference } = details;
  if (reference === null) {
    return (
      <State
        icon={<Landmark size={28} />}
        title={t("payInAsk")}
        action={
          <Button busy={deed.isBusy} onClick={() => void ask()}>
            {t("payInAskDo")}
          </Button>
        }
      >
        {deed.trouble ?? t("payInAskText")}
      </State>
    );
  }
  const code = makeTransferCode({ ...details, reference });
  return (
    <>
      <p>{t("payInText")}</p>
      <Card>
        <Typed label={t("payInReference")} value={reference} isStrong isGrouped />
        <Typed label={t("bankHolder")} value={details.name} />
        <Typed label={t(details.is_iban ? "payInIban" : "payInNumber")} value={details.number} isGrouped />
        {details.bic ? <Typed label="BIC" value={details.bic} /> : null}
      </Card>
      <Note kind="warn">{t("payInWarning")}</Note>
      {code ? (
        <details className={styles.source}>
          <summary>{t("payInCode")}</summary>
          <div className={styles.code}>
            <Code value={code} label={t("payInCode")} size={220} />
            <p>{t("payInCodeText")}</p>
          </div>
        </details>
      ) : null}
    </>
  );
}

interface TypedProps {
  label: string;
  value: string;
  isGrouped?: boolean;
  isStrong?: boolean;
}

/** Something to be typed into a bank's form: shown in groups, copied without spaces. */
function Typed({ label, value, isGrouped = false, isStrong = false }: TypedProps) {
  const { t } = useLanguage();
  const copy = () => {
    void navigator.clipboard.writeText(value).then(() => toast(t("copied")));
  };
  return (
    <div className={styles.typed}>
      <div>
        <small>{label}</small>
        <p className={isStrong ? styles.typedStrong : undefined} translate="no">
          {isGrouped ? groupByFour(value) : value}
        </p>
      </div>
      <Button look="plain" aria-label={`${t("copy")}: ${label}`} onClick={copy}>
        <Copy size={18} aria-hidden />
      </Button>
    </div>
  );
}

function Arrived({ payIns }: { payIns: PayIn[] }) {
  const { t, tag } = useLanguage();
  if (payIns.length === 0) return null;
  return (
    <Card title={t("payInArrived")}>
      {payIns.map((one) => (
        <Row
          key={one.pay_in_id}
          title={one.name || t("kind_topup")}
          sub={formatMoment(one.credited_at, tag)}
          end={<span className={styles.cameIn}>{formatMoney(one.amount, tag)}</span>}
        />
      ))}
    </Card>
  );
}
