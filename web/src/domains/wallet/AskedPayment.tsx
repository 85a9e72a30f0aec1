/** Payments that something else asks for: the amount is fixed, the member only says yes or no. */

import type { SyntheticEvent } from "react";
import { useLanguage } from "@/lib/language";
import { formatMoney, type Money } from "@/lib/money";
import { Button } from "@/ui/Button";
import { Note } from "@/ui/Note";
import { Loading, State } from "@/ui/State";
import { fetchCharge, payCharge, sendTransfer } from "./api";
import { useTellChat, WithWallet } from "./Pay";
import { nameOfShop } from "./PayCharge";
import { usePaying, type Paying } from "./Paying";
import { tellWalletTrouble } from "./trouble";
import type { MyCharge } from "./types";
import { useWalletData } from "./wallets";
import styles from "./wallet.module.css";

interface ChargeProps {
  code: string;
  onPaid: (paymentId: string) => void;
}

/** A shop's charge, by its code. */
export function AskedCharge({ code, onPaid }: ChargeProps) {
  const { t, tag } = useLanguage();
  const { value, trouble } = useWalletData(() => fetchCharge(code), code);
  if (trouble && !value) return <Note kind="bad">{tellWalletTrouble(t, tag, trouble)}</Note>;
  if (!value) return <Loading label={t("loading")} />;
  if (value.status !== "open") return <State title={t("chargeOver")} />;
  return (
    <WithWallet>{() => <ChargeForm charge={value} code={code} onPaid={onPaid} />}</WithWallet>
  );
}

function ChargeForm({ charge, code, onPaid }: ChargeProps & { charge: MyCharge }) {
  const { tag } = useLanguage();
  const facts = { kind: "purchase", payee: { party: charge.payee }, amount: charge.amount };
  const paying = usePaying(facts, async (key, confirmation) => {
    const paid = await payCharge(code, { tip: 0, ...(confirmation ? { confirmation } : {}) }, key);
    onPaid(paid.payment_id ?? "");
  });
  return (
    <Sheet
      title={nameOfShop(charge.shop, tag)}
      text={charge.description}
      amount={charge.amount}
      paying={paying}
    />
  );
}

interface TransferProps {
  payee: string;
  name: string;
  amount: Money;
  message: string;
  roomId: string;
  onPaid: (paymentId: string) => void;
}

/** Money for a member. */
export function AskedTransfer(props: TransferProps) {
  return <WithWallet>{() => <TransferForm {...props} />}</WithWallet>;
}

function TransferForm({ payee, name, amount, message, roomId, onPaid }: TransferProps) {
  const tellChat = useTellChat();
  const facts = { kind: "transfer", payee: { user_id: payee }, amount };
  const paying = usePaying(facts, async (key, confirmation) => {
    const told = await sendTransfer(
      { payee, amount, message, room_id: roomId, ...(confirmation ? { confirmation } : {}) },
      key,
    );
    await tellChat(told.in_chat);
    onPaid(told.payment.payment_id);
  });
  return <Sheet title={name} sub={payee} text={message} amount={amount} paying={paying} />;
}

interface SheetProps {
  title: string;
  sub?: string;
  text: string;
  amount: Money;
  paying: Paying;
}

function Sheet({ title, sub, text, amount, paying }: SheetProps) {
  const { t, tag } = useLanguage();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void paying.start();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <div className={styles.centre}>
        <h3>{title}</h3>
        {sub ? <p className={styles.slipSub}>{sub}</p> : null}
        <p className={styles.large}>{formatMoney(amount, tag)}</p>
        {text ? <p>{text}</p> : null}
      </div>
      {paying.trouble ? <Note kind="bad">{paying.trouble}</Note> : null}
      <Button type="submit" wide busy={paying.isBusy}>
        {t("payAmount", { amount: formatMoney(amount, tag) })}
      </Button>
      {paying.dialog}
    </form>
  );
}
