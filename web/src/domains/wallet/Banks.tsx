/** Accounts at other banks: link, verify, top up from, withdraw to. */

import { ArrowDownToLine, Landmark, Plus } from "lucide-react";
import { useState, type SyntheticEvent } from "react";
import { useLanguage, type Key } from "@/lib/language";
import { formatMoney, parseAmount, type Money } from "@/lib/money";
import { formatMoment } from "@/lib/time";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, Switch } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Card, Page, Row } from "@/ui/Page";
import { Loading, State } from "@/ui/State";
import { Choice } from "@/ui/Choice";
import { Standing } from "@/ui/Standing";
import { AmountField } from "./AmountField";
import { useDeed } from "./deeds";
import { Paid } from "./Pay";
import { NameCheck } from "./NameCheck";
import { usePaying } from "./Paying";
import {
  fetchOrders,
  fetchOutside,
  linkOutside,
  removeOutside,
  topUp,
  verifyOutside,
  withdraw,
  type BankOrder,
  type OutsideAccount,
} from "./pagesApi";
import { tellWalletTrouble } from "./trouble";
import { useWalletData, useWallets } from "./wallets";
import styles from "./pages.module.css";

type Open = { what: "link" } | { what: "top_up" | "withdraw"; account: OutsideAccount };

export function BanksPage() {
  const { t, tag } = useLanguage();
  const { value, trouble, reload } = useWalletData(() =>
    Promise.all([fetchOutside(), fetchOrders()]),
  );
  const [open, setOpen] = useState<Open>();
  const close = () => {
    setOpen(undefined);
    reload();
  };
  const accounts = value?.[0].filter((one) => one.status !== "removed") ?? [];
  return (
    <Page title={t("banks")} back={{ to: "/me/wallet", label: t("back") }}>
      {trouble ? <Note kind="bad">{tellWalletTrouble(t, tag, trouble)}</Note> : null}
      {!value ? (
        trouble ? null : (
          <Loading label={t("loading")} />
        )
      ) : (
        <>
          {accounts.length === 0 ? (
            <State icon={<Landmark size={28} />} title={t("banksNone")}>
              {t("banksNoneText")}
            </State>
          ) : (
            <Card>
              {accounts.map((account) => (
                <Account
                  key={account.outside_account_id}
                  account={account}
                  onOpen={setOpen}
                  onChanged={reload}
                />
              ))}
            </Card>
          )}
          <Button look={accounts.length === 0 ? "primary" : "quiet"} onClick={() => setOpen({ what: "link" })}>
            <Plus size={18} aria-hidden /> {t("bankLink")}
          </Button>
          <Card>
            <Row
              icon={<ArrowDownToLine size={20} />}
              title={t("payIn")}
              sub={t("payInRowText")}
              to="/me/pay-in"
            />
          </Card>
          <Orders orders={value[1]} />
        </>
      )}
      {open?.what === "link" ? <LinkDialog onClose={close} /> : null}
      {open && open.what !== "link" ? (
        <MoveDialog what={open.what} account={open.account} onClose={close} />
      ) : null}
    </Page>
  );
}

interface AccountProps {
  account: OutsideAccount;
  onOpen: (open: Open) => void;
  onChanged: () => void;
}

function Account({ account, onOpen, onChanged }: AccountProps) {
  const { t } = useLanguage();
  const deed = useDeed();
  const [isRemoving, setIsRemoving] = useState(false);
  const name = `${account.bank} ···${account.last4}`;
  const isDoubted = account.name_check === "close" || account.name_check === "different";
  const isUsable = account.status === "verified" && !isDoubted;
  const remove = async () => {
    if (!(await deed.run(() => removeOutside(account.outside_account_id)))) return;
    setIsRemoving(false);
    onChanged();
  };
  return (
    <div className={styles.job} data-testid="bank">
      <div className={styles.jobHead}>
        <span>{name}</span>
        <Standing isBad={account.status === "failed"}>{t(`bank_${account.status}`)}</Standing>
      </div>
      <p className={styles.soft}>
        {account.holder} · {account.currency}
      </p>
      {account.reason ? <p className={styles.soft}>{account.reason}</p> : null}
      <NameCheck account={account} onChanged={onChanged} />
      {account.status === "pending" ? <Verify account={account} onDone={onChanged} /> : null}
      {deed.trouble ? <Note kind="bad">{deed.trouble}</Note> : null}
      <div className={styles.buttons}>
        {isUsable ? (
          <>
            {account.allows_debits ? (
              <Button look="quiet" onClick={() => onOpen({ what: "top_up", account })}>
                {t("topUp")}
              </Button>
            ) : null}
            <Button look="quiet" onClick={() => onOpen({ what: "withdraw", account })}>
              {t("withdraw")}
            </Button>
          </>
        ) : null}
        <Button
          look="plain"
          aria-label={`${t("remove")}: ${name}`}
          onClick={() => setIsRemoving(true)}
        >
          {t("remove")}
        </Button>
      </div>
      {isRemoving ? (
        <Dialog title={t("bankRemove")} closeLabel={t("close")} onClose={() => setIsRemoving(false)}>
          <p>{t("bankRemoveText", { name })}</p>
          <Button look="danger" wide busy={deed.isBusy} onClick={() => void remove()}>
            {t("bankRemoveDo")}
          </Button>
        </Dialog>
      ) : null}
      {isUsable && !account.allows_debits ? (
        <p className={styles.soft}>{t("bankNoDebits")}</p>
      ) : null}
    </div>
  );
}

function Verify({ account, onDone }: { account: OutsideAccount; onDone: () => void }) {
  const { t } = useLanguage();
  const [code, setCode] = useState("");
  const deed = useDeed();
  if (account.tries_left === 0) return <Note kind="warn">{t("bankNoTries")}</Note>;
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    await deed.run(() => verifyOutside(account.outside_account_id, code));
    onDone();
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <Field
        label={t("bankCode")}
        hint={t("bankCodeHint", { tries: account.tries_left })}
        error={deed.trouble}
        inputMode="numeric"
        autoComplete="off"
        maxLength={6}
        value={code}
        onChange={(value) => setCode(value.replace(/\D/g, ""))}
      />
      <Button type="submit" look="quiet" busy={deed.isBusy} disabled={code.length !== 6}>
        {t("bankVerify")}
      </Button>
    </form>
  );
}

function LinkDialog({ onClose }: { onClose: () => void }) {
  const { t, tag } = useLanguage();
  const { value, trouble } = useWallets();
  return (
    <Dialog title={t("bankLink")} closeLabel={t("close")} onClose={onClose}>
      {trouble ? <Note kind="bad">{tellWalletTrouble(t, tag, trouble)}</Note> : null}
      {value ? (
        <LinkForm currencies={value.currencies} preferred={value.preferred} onClose={onClose} />
      ) : trouble ? null : (
        <Loading label={t("loading")} />
      )}
    </Dialog>
  );
}

interface LinkProps {
  currencies: string[];
  preferred: string;
  onClose: () => void;
}

function LinkForm({ currencies, preferred, onClose }: LinkProps) {
  const { t } = useLanguage();
  const [number, setNumber] = useState("");
  const [bank, setBank] = useState("");
  const [holder, setHolder] = useState("");
  const [currency, setCurrency] = useState(preferred);
  const [mayCollect, setMayCollect] = useState(false);
  const deed = useDeed();
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    const wish = { number, bank: bank.trim(), holder: holder.trim(), currency, allow_debits: mayCollect };
    if (await deed.run((key) => linkOutside(wish, key))) onClose();
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      {deed.trouble ? <Note kind="bad">{deed.trouble}</Note> : null}
      <Field label={t("bankNumber")} hint={t("bankNumberHint")} value={number} onChange={setNumber} autoComplete="off" />
      <Field label={t("bankName")} value={bank} onChange={setBank} maxLength={70} />
      <Field label={t("bankHolder")} value={holder} onChange={setHolder} maxLength={70} autoComplete="name" />
      <Choice
        label={t("currency")}
        options={currencies.map((code) => ({ value: code, label: code }))}
        value={currency}
        onChange={setCurrency}
      />
      <Switch label={t("bankCollect")} hint={t("bankCollectHint")} isOn={mayCollect} onChange={setMayCollect} />
      <p className={styles.soft}>{t("bankLinkText")}</p>
      <Button
        type="submit"
        wide
        busy={deed.isBusy}
        disabled={number.trim().length < 8 || !bank.trim() || !holder.trim()}
      >
        {t("bankLinkDo")}
      </Button>
    </form>
  );
}

interface MoveProps {
  what: "top_up" | "withdraw";
  account: OutsideAccount;
  onClose: () => void;
}

function MoveDialog({ what, account, onClose }: MoveProps) {
  const { t, tag } = useLanguage();
  const [typed, setTyped] = useState("");
  const [ordered, setOrdered] = useState<Money>();
  const amount = parseAmount(typed, account.currency);
  const id = account.outside_account_id;
  const facts =
    amount && what === "withdraw" ? { kind: "withdrawal", amount, reference: id } : undefined;
  const paying = usePaying(facts, async (key, confirmation) => {
    if (!amount) return;
    const body = { outside_account_id: id, amount };
    if (what === "top_up") await topUp(body, key);
    else await withdraw({ ...body, ...(confirmation ? { confirmation } : {}) }, key);
    setOrdered(amount);
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void paying.start();
  };
  const title = what === "top_up" ? t("topUp") : t("withdraw");
  return (
    <Dialog title={`${title} · ${account.bank} ···${account.last4}`} closeLabel={t("close")} onClose={onClose}>
      {ordered ? (
        <Paid title={t("orderDone")} amount={ordered} onClose={onClose} />
      ) : (
        <form className={styles.form} onSubmit={submit}>
          {paying.trouble ? <Note kind="bad">{paying.trouble}</Note> : null}
          <AmountField
            value={typed}
            onChange={setTyped}
            currency={account.currency}
            currencies={[account.currency]}
            onCurrency={() => undefined}
            autoFocus
          />
          <p className={styles.soft}>{t(what === "top_up" ? "topUpText" : "withdrawText")}</p>
          <Button type="submit" wide busy={paying.isBusy} disabled={!amount}>
            {amount ? `${title} ${formatMoney(amount, tag)}` : title}
          </Button>
        </form>
      )}
      {paying.dialog}
    </Dialog>
  );
}

const ORDER: Partial<Record<BankOrder["kind"], Key>> = { top_up: "topUp", withdrawal: "withdraw" };

function Orders({ orders }: { orders: BankOrder[] }) {
  const { t, tag } = useLanguage();
  if (orders.length === 0) return null;
  return (
    <Card title={t("orders")}>
      {orders.map((order) => (
        <Row
          key={order.order_id}
          title={`${t(ORDER[order.kind] ?? "payment")} ···${order.last4}`}
          sub={[
            t(`order_${order.status}`),
            formatMoment(order.requested_at, tag),
            order.reason,
          ]
            .filter(Boolean)
            .join(" · ")}
          end={formatMoney(order.amount, tag)}
        />
      ))}
    </Card>
  );
}
