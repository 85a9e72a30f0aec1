/** Paying and asking a member, sharing a bill, giving a red packet: in a chat or from Me. */

import { CheckCircle2 } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { newKey } from "@/lib/api";
import { useLanguage, useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { formatMoney, parseAmount, type Money } from "@/lib/money";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, Segments } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Loading, State } from "@/ui/State";
import { AmountField } from "./AmountField";
import { givePacket, openWallet, sendRequest, sendTransfer, splitBill } from "./api";
import { usePaying } from "./Paying";
import { tellWalletTrouble } from "./trouble";
import type { ChatNote } from "./types";
import { useWallets } from "./wallets";
import styles from "./wallet.module.css";

const MESSAGE_MAX = 200;
const GREETING_MAX = 100;

/** Tell the chat of a payment where the server can't: in encrypted rooms the client writes. */
export function useTellChat(): (note: ChatNote | null) => Promise<void> {
  const client = useClient();
  return async (note) => {
    if (note?.event_id === null) {
      await client.sendMessage(note.room_id, note.content as never);
    }
  };
}

/** The other members of a room. */
export function othersOf(room: Room): string[] {
  return room
    .getMembers()
    .filter((member) => ["join", "invite"].includes(member.membership ?? ""))
    .map((member) => member.userId)
    .filter((userId) => userId !== room.myUserId);
}

interface AmountState {
  typed: string;
  setTyped: (typed: string) => void;
  currency: string;
  setCurrency: (currency: string) => void;
  amount: Money | undefined;
}

function useAmount(preferred: string): AmountState {
  const [typed, setTyped] = useState("");
  const [chosen, setCurrency] = useState<string>();
  const currency = chosen ?? preferred;
  return { typed, setTyped, currency, setCurrency, amount: parseAmount(typed, currency) };
}

/** Shows a form once there is a wallet to pay from; offers to open one else. */
export function WithWallet({
  children,
}: {
  children: (currencies: string[], preferred: string) => ReactNode;
}) {
  const { t, tag } = useLanguage();
  const { value, trouble, reload } = useWallets();
  const [failed, setFailed] = useState<unknown>();
  if (trouble ?? failed) {
    return <Note kind="bad">{tellWalletTrouble(t, tag, trouble ?? failed)}</Note>;
  }
  if (!value) return <Loading label={t("loading")} />;
  const [first] = value.wallets;
  if (!first) {
    return (
      <State
        title={t("walletNone")}
        action={
          <Button onClick={() => void openWallet(value.preferred).then(reload, setFailed)}>
            {t("walletOpen")}
          </Button>
        }
      >
        {t("walletNoneText")}
      </State>
    );
  }
  const currencies = value.wallets.map((wallet) => wallet.currency);
  const preferred = currencies.includes(value.preferred) ? value.preferred : first.currency;
  return children(currencies, preferred);
}

export function Paid({ title, amount, onClose }: { title: string; amount?: Money; onClose: () => void }) {
  const { t, tag } = useLanguage();
  return (
    <State
      icon={<CheckCircle2 size={30} />}
      title={title}
      action={<Button onClick={onClose}>{t("done")}</Button>}
    >
      {amount ? <span className={styles.large}>{formatMoney(amount, tag)}</span> : null}
    </State>
  );
}

interface MemberDialogProps {
  payee: string;
  name: string;
  roomId?: string;
  onClose: () => void;
}

export function PayMember(props: MemberDialogProps) {
  const t = useT();
  return (
    <Dialog title={t("payTo", { name: props.name })} closeLabel={t("close")} onClose={props.onClose}>
      <WithWallet>
        {(currencies, preferred) => (
          <PayForm {...props} currencies={currencies} preferred={preferred} />
        )}
      </WithWallet>
    </Dialog>
  );
}

type FormProps = MemberDialogProps & { currencies: string[]; preferred: string };

function PayForm({ payee, roomId, onClose, currencies, preferred }: FormProps) {
  const { t, tag } = useLanguage();
  const tellChat = useTellChat();
  const state = useAmount(preferred);
  const { amount } = state;
  const [message, setMessage] = useState("");
  const [paid, setPaid] = useState<{ amount: Money; isWaiting: boolean }>();
  const facts = amount ? { kind: "transfer", payee: { user_id: payee }, amount } : undefined;
  const paying = usePaying(facts, async (key, confirmation) => {
    if (!amount) return;
    const told = await sendTransfer(
      {
        payee,
        amount,
        message: message.trim(),
        ...(roomId ? { room_id: roomId } : {}),
        ...(confirmation ? { confirmation } : {}),
      },
      key,
    );
    setPaid({ amount, isWaiting: told.status === "pending" });
    await tellChat(told.in_chat);
  });
  if (paid) {
    const title = paid.isWaiting ? t("payWaiting") : t("payDone");
    return <Paid title={title} amount={paid.amount} onClose={onClose} />;
  }
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void paying.start();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {paying.trouble ? <Note kind="bad">{paying.trouble}</Note> : null}
      <Amount state={state} currencies={currencies} />
      <Field
        label={t("payMessage")}
        value={message}
        onChange={setMessage}
        maxLength={MESSAGE_MAX}
      />
      <Button type="submit" wide busy={paying.isBusy} disabled={!amount}>
        {amount ? t("payAmount", { amount: formatMoney(amount, tag) }) : t("pay")}
      </Button>
      {paying.dialog}
    </form>
  );
}

function Amount({ state, currencies }: { state: AmountState; currencies: string[] }) {
  return (
    <AmountField
      value={state.typed}
      onChange={state.setTyped}
      currency={state.currency}
      currencies={currencies}
      onCurrency={state.setCurrency}
      autoFocus
    />
  );
}

export function RequestMember({ payee, name, roomId, onClose }: MemberDialogProps) {
  const t = useT();
  return (
    <Dialog title={t("requestFrom", { name })} closeLabel={t("close")} onClose={onClose}>
      <WithWallet>
        {(currencies, preferred) => (
          <AskForm
            currencies={currencies}
            preferred={preferred}
            label={t("requestDo")}
            done={t("requestDone")}
            onClose={onClose}
            send={(amount, message, key) =>
              sendRequest(
                { payer: payee, amount, message, ...(roomId ? { room_id: roomId } : {}) },
                key,
              )
            }
          />
        )}
      </WithWallet>
    </Dialog>
  );
}

interface AskFormProps {
  currencies: string[];
  preferred: string;
  label: string;
  done: string;
  hint?: (amount: Money | undefined) => ReactNode;
  onClose: () => void;
  send: (amount: Money, message: string, key: string) => Promise<{ in_chat: ChatNote | null }>;
}

/** An amount and what it is for; nothing is paid here. */
function AskForm({ currencies, preferred, label, done, hint, onClose, send }: AskFormProps) {
  const { t, tag } = useLanguage();
  const tellChat = useTellChat();
  const state = useAmount(preferred);
  const { amount } = state;
  const [message, setMessage] = useState("");
  const [key, setKey] = useState(newKey);
  const [trouble, setTrouble] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const [isDone, setIsDone] = useState(false);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!amount) return;
    setIsBusy(true);
    try {
      const told = await send(amount, message.trim(), key);
      setIsDone(true);
      await tellChat(told.in_chat);
    } catch (error) {
      setKey(newKey());
      setTrouble(tellWalletTrouble(t, tag, error));
    }
    setIsBusy(false);
  };
  if (isDone && amount) return <Paid title={done} amount={amount} onClose={onClose} />;
  return (
    <form className={styles.form} onSubmit={submit}>
      {trouble ? <Note kind="bad">{trouble}</Note> : null}
      <Amount state={state} currencies={currencies} />
      {hint?.(amount)}
      <Field label={t("requestFor")} value={message} onChange={setMessage} maxLength={MESSAGE_MAX} />
      <Button type="submit" wide busy={isBusy} disabled={!amount}>
        {label}
      </Button>
    </form>
  );
}

export function SplitBill({ room, onClose }: { room: Room; onClose: () => void }) {
  const { t, tag } = useLanguage();
  const people = [room.myUserId, ...othersOf(room)];
  return (
    <Dialog title={t("split")} closeLabel={t("close")} onClose={onClose}>
      <WithWallet>
        {(currencies, preferred) => (
          <AskForm
            currencies={currencies}
            preferred={preferred}
            label={t("splitDo")}
            done={t("splitDone")}
            onClose={onClose}
            hint={(amount) => (
              <p className={styles.centre}>
                {t("splitHint", {
                  count: people.length,
                  share: amount
                    ? formatMoney({ ...amount, minor: Math.ceil(amount.minor / people.length) }, tag)
                    : "–",
                })}
              </p>
            )}
            send={(total, message, key) =>
              splitBill(
                {
                  room_id: room.roomId,
                  total,
                  message,
                  shares: people.map((userId) => ({ user_id: userId })),
                },
                key,
              )
            }
          />
        )}
      </WithWallet>
    </Dialog>
  );
}

export function GivePacket({ room, onClose }: { room: Room; onClose: () => void }) {
  const t = useT();
  return (
    <Dialog title={t("packet")} closeLabel={t("close")} onClose={onClose}>
      <WithWallet>
        {(currencies, preferred) => (
          <PacketForm room={room} currencies={currencies} preferred={preferred} onClose={onClose} />
        )}
      </WithWallet>
    </Dialog>
  );
}

interface PacketFormProps {
  room: Room;
  currencies: string[];
  preferred: string;
  onClose: () => void;
}

function PacketForm({ room, currencies, preferred, onClose }: PacketFormProps) {
  const { t, tag } = useLanguage();
  const tellChat = useTellChat();
  const state = useAmount(preferred);
  const { amount } = state;
  const isGroup = othersOf(room).length > 1;
  const [count, setCount] = useState(isGroup ? String(othersOf(room).length) : "1");
  const [split, setSplit] = useState<"random" | "equal">("random");
  const [greeting, setGreeting] = useState("");
  const paying = usePaying(amount ? { kind: "red_packet", amount } : undefined, async (key, proof) => {
    if (!amount) return;
    const given = await givePacket(
      {
        room_id: room.roomId,
        total: amount,
        count: Number(count),
        split,
        greeting: greeting.trim() || t("packetGreeting"),
        ...(proof ? { confirmation: proof } : {}),
      },
      key,
    );
    await tellChat(given.in_chat);
    onClose();
  });
  const kinds = [
    { value: "random", label: t("packetRandom") },
    { value: "equal", label: t("packetEqual") },
  ] as const;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void paying.start();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {paying.trouble ? <Note kind="bad">{paying.trouble}</Note> : null}
      <Amount state={state} currencies={currencies} />
      {isGroup ? (
        <>
          <Segments label={t("packetKind")} options={kinds} value={split} onChange={setSplit} />
          <Field
            label={t("packetCount")}
            inputMode="numeric"
            value={count}
            onChange={(value) => setCount(value.replace(/\D/g, ""))}
          />
        </>
      ) : null}
      <Field
        label={t("packetGreetingLabel")}
        placeholder={t("packetGreeting")}
        value={greeting}
        onChange={setGreeting}
        maxLength={GREETING_MAX}
      />
      <Button type="submit" wide busy={paying.isBusy} disabled={!amount || !Number(count)}>
        {amount ? t("packetGive", { amount: formatMoney(amount, tag) }) : t("packet")}
      </Button>
      {paying.dialog}
    </form>
  );
}
