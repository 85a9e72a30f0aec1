import { useEffect, useState } from "react";
import { Code } from "@/lib/code";
import { useLanguage } from "@/lib/language";
import { formatMoney } from "@/lib/money";
import { Button } from "@/ui/Button";
import { Note } from "@/ui/Note";
import { Card, Page, Row } from "@/ui/Page";
import { Loading } from "@/ui/State";
import { confirmCharge, fetchWaitingCharges, showCode } from "./api";
import { Paid } from "./Pay";
import { nameOfShop } from "./PayCharge";
import { usePaying } from "./Paying";
import { tellWalletTrouble } from "./trouble";
import type { MyCharge, ShownCode } from "./types";
import { useWalletData } from "./wallets";
import styles from "./wallet.module.css";

// A new code is made a little before the old one ends, so that none is shown that no longer works.
const RENEW_BEFORE_MS = 5_000;
const RENEW_AT_LEAST_MS = 10_000;

/** The one-time code that a till scans. */
export function PayCode() {
  const { t, tag } = useLanguage();
  const [code, trouble] = useCode();
  const { value, reload } = useWalletData(fetchWaitingCharges);
  return (
    <Page title={t("payCode")} back={{ to: "/me", label: t("back") }}>
      {value?.items.map((charge) => (
        <Waiting key={charge.charge_id} charge={charge} onDone={reload} />
      ))}
      {trouble ? (
        <Note kind="bad">{tellWalletTrouble(t, tag, trouble)}</Note>
      ) : code ? (
        <div className={styles.till}>
          <Code value={code.code} label={t("payCode")} size={230} />
          <p className={styles.digits}>{code.digits}</p>
          <p className={styles.slipSub}>{t("payCodeHint")}</p>
        </div>
      ) : (
        <Loading label={t("loading")} />
      )}
    </Page>
  );
}

function useCode(): [ShownCode | undefined, unknown] {
  const [code, setCode] = useState<ShownCode>();
  const [trouble, setTrouble] = useState<unknown>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isWanted = true;
    const renew = async () => {
      const shown = await showCode();
      if (!isWanted) return;
      setCode(shown);
      const life = shown.expires_at - Date.now() - RENEW_BEFORE_MS;
      timer = setTimeout(() => void renew().catch(setTrouble), Math.max(life, RENEW_AT_LEAST_MS));
    };
    renew().catch(setTrouble);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, []);
  return [code, trouble];
}

/** A till has read the code, and the house wants the member's yes. */
function Waiting({ charge, onDone }: { charge: MyCharge; onDone: () => void }) {
  const { t, tag } = useLanguage();
  const [isPaid, setIsPaid] = useState(false);
  const facts = { kind: "purchase", payee: { party: charge.payee }, amount: charge.total };
  const paying = usePaying(facts, async (key, confirmation) => {
    await confirmCharge(charge.charge_id, confirmation ? { confirmation } : {}, key);
    setIsPaid(true);
  });
  if (isPaid) return <Paid title={t("payDone")} amount={charge.total} onClose={onDone} />;
  return (
    <Card>
      <Row
        title={nameOfShop(charge.shop, tag)}
        sub={paying.trouble ?? charge.description}
        end={
          <Button busy={paying.isBusy} onClick={() => void paying.start()}>
            {t("payAmount", { amount: formatMoney(charge.total, tag) })}
          </Button>
        }
      />
      {paying.dialog}
    </Card>
  );
}
