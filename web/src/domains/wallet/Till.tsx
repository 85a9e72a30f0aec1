/** A shop's own pages: what it may do, and the till that asks for money. */

import { Plus, Store } from "lucide-react";
import { useEffect, useState, type ReactNode, type SyntheticEvent } from "react";
import { doOnce, newKey } from "@/lib/api";
import { Code } from "@/lib/code";
import { useLanguage, type Key } from "@/lib/language";
import { formatMoney, parseAmount } from "@/lib/money";
import { formatRecent } from "@/lib/time";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Card, Page, Row } from "@/ui/Page";
import { Loading, State } from "@/ui/State";
import { AmountField } from "./AmountField";
import {
  cancelCharge,
  chargeByCode,
  createCharge,
  fetchChargeCode,
  fetchShop,
  fetchShopCharge,
  fetchShopCharges,
  fetchShops,
} from "./api";
import { nameOfShop } from "./PayCharge";
import { ShopFreezes } from "./ShopFreezes";
import { tellWalletTrouble } from "./trouble";
import type { MyShop, ShopCharge } from "./types";
import { useWalletData } from "./wallets";
import styles from "./wallet.module.css";

// A till is looked at by two people who wait: a second is soon enough, and little to ask.
const LOOK_EVERY_MS = 1500;

export function Shops() {
  const { t, tag } = useLanguage();
  const { value, trouble, reload } = useWalletData(fetchShops);
  const [isNew, setIsNew] = useState(false);
  return (
    <Page title={t("shops")} back={{ to: "/me/wallet", label: t("back") }}>
      {trouble ? <Note kind="bad">{tellWalletTrouble(t, tag, trouble)}</Note> : null}
      {value && value.length > 0 ? (
        <Card>
          {value.map(({ shop }) => (
            <Row
              key={shop.shop_id}
              icon={<Store size={20} />}
              title={nameOfShop(shop, tag)}
              end={t(`shop_${shop.status}`)}
              to={`/till/${encodeURIComponent(shop.shop_id)}`}
            />
          ))}
        </Card>
      ) : (
        <State icon={<Store size={28} />} title={t("shopsNone")}>
          {t("shopsNoneText")}
        </State>
      )}
      <Button look="quiet" onClick={() => setIsNew(true)}>
        <Plus size={18} aria-hidden /> {t("shopOpen")}
      </Button>
      {isNew ? (
        <OpenShop
          onClose={() => {
            setIsNew(false);
            reload();
          }}
        />
      ) : null}
    </Page>
  );
}

function OpenShop({ onClose }: { onClose: () => void }) {
  const { t, tag } = useLanguage();
  const [wish, setWish] = useState({ name: "", city: "", country: "CN", category_code: "5812", currency: "CNY" });
  const [key, setKey] = useState(newKey);
  const [trouble, setTrouble] = useState<string>();
  const change = (name: keyof typeof wish) => (value: string) => setWish({ ...wish, [name]: value });
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    try {
      await doOnce("/wallet/shops", wish, key);
      onClose();
    } catch (error) {
      setKey(newKey());
      setTrouble(tellWalletTrouble(t, tag, error));
    }
  };
  return (
    <Dialog title={t("shopOpen")} closeLabel={t("close")} onClose={onClose}>
      <p>{t("shopOpenText")}</p>
      <form className={styles.form} onSubmit={submit}>
        {trouble ? <Note kind="bad">{trouble}</Note> : null}
        <Field label={t("shopName")} value={wish.name} onChange={change("name")} required />
        <Field label={t("shopCity")} value={wish.city} onChange={change("city")} required />
        <Field label={t("shopCountry")} value={wish.country} onChange={change("country")} maxLength={2} />
        <Field label={t("shopCategory")} value={wish.category_code} onChange={change("category_code")} maxLength={4} />
        <Field label={t("currency")} value={wish.currency} onChange={change("currency")} maxLength={3} />
        <Button type="submit" wide disabled={!wish.name || !wish.city}>
          {t("shopOpen")}
        </Button>
      </form>
    </Dialog>
  );
}

/** @param more what else is done for a shop, from other parts of the house. */
export function Till({ shopId, more }: { shopId: string; more?: ReactNode }) {
  const { t, tag } = useLanguage();
  const { value, trouble } = useWalletData(() => fetchShop(shopId), shopId);
  return (
    <Page title={value ? nameOfShop(value, tag) : t("till")} back={{ to: "/me/shops", label: t("back") }}>
      {trouble ? <Note kind="bad">{tellWalletTrouble(t, tag, trouble)}</Note> : null}
      {!value && !trouble ? <Loading label={t("loading")} /> : null}
      {value && value.status !== "verified" ? (
        <Note kind="warn">
          {t(`shop_${value.status}`)} {value.status_reason}
        </Note>
      ) : null}
      <ShopFreezes shopId={shopId} />
      {value?.status === "verified" ? more : null}
      {value?.status === "verified" ? <OpenTill shop={value} /> : null}
    </Page>
  );
}

function OpenTill({ shop }: { shop: MyShop["shop"] }) {
  const [charge, setCharge] = useState<ShopCharge>();
  const [count, setCount] = useState(0);
  return (
    <>
      {charge ? (
        <Asking
          shopId={shop.shop_id}
          first={charge}
          onDone={() => {
            setCharge(undefined);
            setCount((now) => now + 1);
          }}
        />
      ) : (
        <Keys shop={shop} onCharge={setCharge} />
      )}
      <Recent shopId={shop.shop_id} count={count} />
    </>
  );
}

interface KeysProps {
  shop: MyShop["shop"];
  onCharge: (charge: ShopCharge) => void;
}

function Keys({ shop, onCharge }: KeysProps) {
  const { t, tag } = useLanguage();
  const [typed, setTyped] = useState("");
  const [description, setDescription] = useState("");
  const [memberCode, setMemberCode] = useState("");
  const [key, setKey] = useState(newKey);
  const [trouble, setTrouble] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const amount = parseAmount(typed, shop.currency);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setIsBusy(true);
    setTrouble(undefined);
    const charge = { amount, description: description.trim() };
    try {
      onCharge(
        memberCode.trim()
          ? await chargeByCode(shop.shop_id, memberCode.trim(), charge, key)
          : await createCharge(shop.shop_id, charge, key),
      );
    } catch (error) {
      setKey(newKey());
      setTrouble(tellWalletTrouble(t, tag, error));
    }
    setIsBusy(false);
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {trouble ? <Note kind="bad">{trouble}</Note> : null}
      <AmountField
        value={typed}
        onChange={setTyped}
        currency={shop.currency}
        currencies={[shop.currency]}
        onCurrency={() => undefined}
        autoFocus
      />
      <Field label={t("chargeFor")} value={description} onChange={setDescription} maxLength={200} />
      <Field
        label={t("chargeCode")}
        hint={t("chargeCodeHint")}
        value={memberCode}
        onChange={setMemberCode}
        inputMode="numeric"
        autoComplete="off"
      />
      <Button type="submit" wide busy={isBusy} disabled={!amount}>
        {amount ? t("chargeDo", { amount: formatMoney(amount, tag) }) : t("charge")}
      </Button>
    </form>
  );
}

const WAITING = ["open", "awaiting_member"];

interface AskingProps {
  shopId: string;
  first: ShopCharge;
  onDone: () => void;
}

/** Shows the code and waits until somebody has paid. */
function Asking({ shopId, first, onDone }: AskingProps) {
  const { t, tag } = useLanguage();
  const charge = useCharge(shopId, first);
  const { value: code } = useWalletData(
    () => fetchChargeCode(shopId, first.charge_id),
    first.charge_id,
  );
  const isWaiting = WAITING.includes(charge.status);
  const stop = async () => {
    if (isWaiting) await cancelCharge(shopId, first.charge_id).catch(() => undefined);
    onDone();
  };
  return (
    <div className={styles.till} role="status">
      <p className={styles.large}>{formatMoney(charge.amount, tag)}</p>
      {charge.description ? <p>{charge.description}</p> : null}
      {charge.status === "open" && code ? (
        <Code value={code.payload} label={t("chargeScan")} size={240} />
      ) : null}
      <p>
        <strong>{t(chargeKey(charge.status))}</strong>
      </p>
      {charge.status === "open" ? (
        <p className={styles.slipSub} data-testid="pay-path">
          {location.origin}
          {charge.pay_path}
        </p>
      ) : null}
      <Button look={isWaiting ? "quiet" : "primary"} onClick={() => void stop()}>
        {isWaiting ? t("cancel") : t("chargeNext")}
      </Button>
    </div>
  );
}

function useCharge(shopId: string, first: ShopCharge): ShopCharge {
  const [charge, setCharge] = useState(first);
  const isWaiting = WAITING.includes(charge.status);
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setInterval(() => {
      fetchShopCharge(shopId, first.charge_id).then(setCharge, () => undefined);
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [shopId, first.charge_id, isWaiting]);
  return charge;
}

function chargeKey(status: string): Key {
  const known = [
    "open", "awaiting_member", "authorised", "captured", "refunded", "voided", "cancelled",
    "declined", "expired",
  ] as const;
  const found = known.find((name) => name === status);
  return found ? `charge_${found}` : "payment";
}

function Recent({ shopId, count }: { shopId: string; count: number }) {
  const { t, tag } = useLanguage();
  const { value } = useWalletData(() => fetchShopCharges(shopId), `${shopId} ${count}`);
  if (!value || value.items.length === 0) return null;
  return (
    <Card title={t("chargesRecent")}>
      {value.items.map((charge) => (
        <Row
          key={charge.charge_id}
          title={formatMoney(charge.amount, tag)}
          sub={charge.description || t(chargeKey(charge.status))}
          end={`${t(chargeKey(charge.status))} · ${formatRecent(charge.created_at, tag, t)}`}
        />
      ))}
    </Card>
  );
}
