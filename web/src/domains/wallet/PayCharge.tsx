/** Paying a shop: by its pay page, its printed code, or a till that has read one's code. */

import { Store } from "lucide-react";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useLanguage, type LanguageTag } from "@/lib/language";
import { formatMoney, parseAmount, type Money } from "@/lib/money";
import { Button } from "@/ui/Button";
import { Note } from "@/ui/Note";
import { Page } from "@/ui/Page";
import { Loading, State } from "@/ui/State";
import { AmountField } from "./AmountField";
import { fetchCharge, payCharge, payShop } from "./api";
import { readChargeCode } from "./emv";
import { Paid } from "./Pay";
import { usePaying } from "./Paying";
import { tellWalletTrouble } from "./trouble";
import type { MyCharge, Scanned, ShopPage } from "./types";
import { useWalletData } from "./wallets";
import styles from "./wallet.module.css";

export function nameOfShop(shop: { name: string; name_zh: string }, tag: LanguageTag): string {
  return tag === "zh-Hans" && shop.name_zh ? shop.name_zh : shop.name || shop.name_zh;
}

/** The pay page `/pay/<code>` of somebody who is signed in. */
export function PayPageSignedIn({ code, onClose }: { code: string; onClose: () => void }) {
  const { t, tag } = useLanguage();
  const { value, trouble } = useWalletData(() => fetchCharge(code), code);
  return (
    <Page title={t("pay")} back={{ to: "/me/wallet", label: t("back") }}>
      {trouble && !value ? <State title={tellWalletTrouble(t, tag, trouble)} /> : null}
      {value ? <ChargeForm charge={value} code={code} onClose={onClose} /> : null}
      {!value && !trouble ? <Loading label={t("loading")} /> : null}
    </Page>
  );
}

interface PayShopProps {
  scanned: Scanned;
  /** What the camera read. */
  text: string;
  onClose: () => void;
}

export function PayShop({ scanned, text, onClose }: PayShopProps) {
  const { charge, shop } = scanned;
  return charge ? (
    <ChargeForm charge={charge} code={readChargeCode(text, shop.shop_id) ?? ""} onClose={onClose} />
  ) : (
    <OpenAmount scanned={scanned} onClose={onClose} />
  );
}

function ShopHead({ shop, children }: { shop: ShopPage; children?: ReactNode }) {
  const { t, tag } = useLanguage();
  const place = tag === "zh-Hans" && shop.city_zh ? shop.city_zh : shop.city;
  return (
    <div className={styles.centre}>
      <span className={styles.actionIcon}>
        <Store size={24} aria-hidden />
      </span>
      <h2>{nameOfShop(shop, tag)}</h2>
      <p className={styles.slipSub}>{place}</p>
      {shop.is_verified ? null : <Note kind="bad">{t("shopUnverified")}</Note>}
      {children}
    </div>
  );
}

interface ChargeProps {
  charge: MyCharge;
  code: string;
  onClose: () => void;
}

function ChargeForm({ charge, code, onClose }: ChargeProps) {
  const { t, tag } = useLanguage();
  const [tip, setTip] = useState("");
  const [isPaid, setIsPaid] = useState(false);
  const tipped = parseAmount(tip, charge.amount.currency)?.minor ?? 0;
  const total: Money = { ...charge.amount, minor: charge.amount.minor + tipped };
  const facts = {
    kind: "purchase",
    payee: { party: charge.payee },
    amount: total,
  };
  const paying = usePaying(facts, async (key, confirmation) => {
    await payCharge(code, { tip: tipped, ...(confirmation ? { confirmation } : {}) }, key);
    setIsPaid(true);
  });
  if (isPaid || ["captured", "authorised"].includes(charge.status)) {
    return <Paid title={t("payDone")} amount={total} onClose={onClose} />;
  }
  if (charge.status !== "open") return <State title={t("chargeOver")} />;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void paying.start();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <ShopHead shop={charge.shop}>
        <p className={styles.large}>{formatMoney(charge.amount, tag)}</p>
        {charge.description ? <p>{charge.description}</p> : null}
      </ShopHead>
      {charge.tip_mode === "ask" ? (
        <label className={styles.centre}>
          {t("tip")}
          <input
            inputMode="decimal"
            value={tip}
            placeholder="0"
            onChange={(event) => setTip(event.target.value)}
          />
        </label>
      ) : null}
      {paying.trouble ? <Note kind="bad">{paying.trouble}</Note> : null}
      <Button type="submit" wide busy={paying.isBusy}>
        {t("payAmount", { amount: formatMoney(total, tag) })}
      </Button>
      {paying.dialog}
    </form>
  );
}

function OpenAmount({ scanned, onClose }: { scanned: Scanned; onClose: () => void }) {
  const { t, tag } = useLanguage();
  const { shop, currency } = scanned;
  const [typed, setTyped] = useState("");
  const [paid, setPaid] = useState<Money>();
  const amount = parseAmount(typed, currency);
  const paying = usePaying(undefined, async (key, confirmation) => {
    if (!amount) return;
    await payShop(shop.shop_id, { amount, ...(confirmation ? { confirmation } : {}) }, key);
    setPaid(amount);
  });
  if (paid) return <Paid title={t("payDone")} amount={paid} onClose={onClose} />;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void paying.start();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <ShopHead shop={shop} />
      <AmountField
        value={typed}
        onChange={setTyped}
        currency={currency}
        currencies={[currency]}
        onCurrency={() => undefined}
        autoFocus
      />
      {paying.trouble ? <Note kind="bad">{paying.trouble}</Note> : null}
      <Button type="submit" wide busy={paying.isBusy} disabled={!amount || !shop.is_verified}>
        {amount ? t("payAmount", { amount: formatMoney(amount, tag) }) : t("pay")}
      </Button>
    </form>
  );
}
