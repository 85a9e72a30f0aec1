import { Camera, Plus, QrCode, ReceiptText, Wallet as WalletIcon } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";
import { useLanguage, type Key } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { formatMoney, formatSigned } from "@/lib/money";
import { formatClock, formatDay, formatMoment } from "@/lib/time";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Note } from "@/ui/Note";
import { Card, Page, Row } from "@/ui/Page";
import { Loading, State } from "@/ui/State";
import { fetchHistory, openWallet } from "./api";
import { ReceiptPapers } from "./Receipts";
import { tellWalletTrouble } from "./trouble";
import type { PaymentView } from "./types";
import { WalletMenu, WalletTools } from "./WalletMenu";
import { useWalletData, useWallets } from "./wallets";
import styles from "./wallet.module.css";

/** One line on Me that leads here, with what is there. */
export function WalletRow() {
  const { t, tag } = useLanguage();
  const { value } = useWallets();
  const first = value?.wallets.find((one) => one.currency === value.preferred) ?? value?.wallets[0];
  return (
    <Card>
      <Row
        icon={<WalletIcon size={20} />}
        title={t("wallet")}
        end={first ? formatMoney(first.available, tag) : undefined}
        to="/me/wallet"
      />
      <Row icon={<Camera size={20} />} title={t("scan")} to="/me/scan" />
      <Row icon={<QrCode size={20} />} title={t("payCode")} sub={t("payCodeText")} to="/me/pay-code" />
    </Card>
  );
}

export function Wallet() {
  const { t, tag } = useLanguage();
  const { value, trouble, reload } = useWallets();
  return (
    <Page title={t("wallet")} back={{ to: "/me", label: t("back") }}>
      {trouble ? <Note kind="bad">{tellWalletTrouble(t, tag, trouble)}</Note> : null}
      {!value ? (
        trouble ? null : (
          <Loading label={t("loading")} />
        )
      ) : value.wallets.length === 0 ? (
        <NoWallet preferred={value.preferred} onOpened={reload} />
      ) : (
        <>
          <div className={styles.balances} tabIndex={0} role="group" aria-label={t("balance")}>
            {value.wallets.map((wallet) => (
              <section key={wallet.wallet_id} className={styles.balance}>
                <small>{wallet.currency}</small>
                <strong data-testid={`balance-${wallet.currency}`}>
                  {formatMoney(wallet.available, tag)}
                </strong>
                <small>
                  {wallet.status === "frozen"
                    ? t("walletFrozen")
                    : wallet.pending_out.minor > 0
                      ? t("walletReserved", { amount: formatMoney(wallet.pending_out, tag) })
                      : t("walletAvailable")}
                </small>
              </section>
            ))}
          </div>
          <nav className={styles.actions} aria-label={t("wallet")}>
            <Action to="/me/scan" icon={<Camera size={24} />} label={t("scan")} />
            <Action to="/me/pay-code" icon={<QrCode size={24} />} label={t("payCode")} />
            <Action to="/me/pay-in" icon={<Plus size={24} />} label={t("payIn")} />
            <Action to="/me/history" icon={<ReceiptText size={24} />} label={t("history")} />
          </nav>
          <WalletTools />
          <History limit={8} />
          <WalletMenu />
        </>
      )}
    </Page>
  );
}

function Action({ to, icon, label }: { to: string; icon: ReactNode; label: string }) {
  return (
    <Link to={to} className={styles.action}>
      <span className={styles.actionIcon}>{icon}</span>
      {label}
    </Link>
  );
}

function NoWallet({ preferred, onOpened }: { preferred: string; onOpened: () => void }) {
  const { t, tag } = useLanguage();
  const [trouble, setTrouble] = useState<unknown>();
  return (
    <State
      icon={<WalletIcon size={28} />}
      title={t("walletNone")}
      action={
        <Button onClick={() => void openWallet(preferred).then(onOpened, setTrouble)}>
          {t("walletOpen")}
        </Button>
      }
    >
      {trouble ? tellWalletTrouble(t, tag, trouble) : t("walletNoneText")}
    </State>
  );
}

export function HistoryPage() {
  const { t } = useLanguage();
  const [text, setText] = useState("");
  return (
    <Page title={t("history")} back={{ to: "/me/wallet", label: t("back") }}>
      <input
        type="search"
        aria-label={t("search")}
        placeholder={t("search")}
        value={text}
        onChange={(event) => setText(event.target.value)}
        style={{
          height: 42,
          padding: "0 16px",
          border: 0,
          borderRadius: "var(--round-full)",
          background: "var(--sunken)",
          fontSize: "1rem",
        }}
      />
      <History text={text.trim()} />
    </Page>
  );
}

function History({ limit, text = "" }: { limit?: number; text?: string }) {
  const { t, tag } = useLanguage();
  const { value, trouble } = useWalletData(
    () => fetchHistory({ text: text || undefined }),
    text,
  );
  const [more, setMore] = useState<{ text: string; items: PaymentView[]; cursor: string | null }>();
  const [chosen, setChosen] = useState<PaymentView>();
  if (trouble) return <Note kind="bad">{tellWalletTrouble(t, tag, trouble)}</Note>;
  if (!value) return <Loading label={t("loading")} />;
  const isSame = more?.text === text;
  const all = [...value.items, ...(isSame ? more.items : [])];
  const cursor = isSame ? more.cursor : value.next_cursor;
  const shown = limit ? all.slice(0, limit) : all;
  const loadMore = async () => {
    const page = await fetchHistory({ text: text || undefined, cursor: cursor ?? undefined });
    setMore({ text, items: [...(isSame ? more.items : []), ...page.items], cursor: page.next_cursor });
  };
  if (shown.length === 0) {
    return (
      <State icon={<ReceiptText size={28} />} title={text ? t("historyNoMatch") : t("historyEmpty")} />
    );
  }
  return (
    <>
      {groupByDay(shown).map(({ at, payments }) => (
        <Card key={at} title={formatDay(at, tag, t)}>
          {payments.map((payment) => (
            <PaymentRow key={payment.payment_id} payment={payment} onClick={() => setChosen(payment)} />
          ))}
        </Card>
      ))}
      {!limit && cursor ? (
        <Button look="quiet" onClick={() => void loadMore()}>
          {t("more")}
        </Button>
      ) : null}
      {chosen ? <Receipt payment={chosen} onClose={() => setChosen(undefined)} /> : null}
    </>
  );
}

/** Payments under the day on which they were made. */
export function groupByDay(
  payments: readonly PaymentView[],
): { at: number; payments: PaymentView[] }[] {
  const groups: { at: number; payments: PaymentView[] }[] = [];
  for (const payment of payments) {
    const last = groups.at(-1);
    const isSame = last && sameDay(last.at, payment.created_at);
    if (isSame) last.payments.push(payment);
    else groups.push({ at: payment.created_at, payments: [payment] });
  }
  return groups;
}

function sameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}

function useOtherName(payment: PaymentView): string {
  const { t } = useLanguage();
  const client = useClient();
  const { user_id: userId, name } = payment.counterparty;
  if (!userId) return name ?? t(kindKey(payment.kind));
  return client.getUser(userId)?.displayName ?? userId.slice(1).split(":")[0] ?? userId;
}

function hasName({ counterparty }: PaymentView): boolean {
  return Boolean(counterparty.user_id ?? counterparty.name);
}

/** The catalogue's word for a kind of payment; a new kind is a payment. */
export function kindKey(kind: string): Key {
  const known = [
    "transfer", "request_paid", "split_paid", "red_packet", "red_packet_claim",
    "red_packet_return", "purchase", "refund", "tip", "topup", "withdrawal", "withdrawal_return",
    "payout", "mandate_charge", "dispute_refund", "fee", "adjustment",
  ] as const;
  const found = known.find((name) => name === kind);
  return found ? `kind_${found}` : "payment";
}

function PaymentRow({ payment, onClick }: { payment: PaymentView; onClick: () => void }) {
  const { t, tag } = useLanguage();
  const name = useOtherName(payment);
  const isOver = payment.status !== "completed";
  return (
    <Row
      title={name}
      sub={[
        payment.message || (hasName(payment) ? t(kindKey(payment.kind)) : ""),
        formatClock(payment.created_at, tag),
        isOver ? t(statusKey(payment)) : "",
      ]
        .filter(Boolean)
        .join(" · ")}
      end={
        <span className={payment.direction === "in" ? styles.amountIn : styles.amountOut}>
          {formatSigned(payment.amount, tag, payment.direction)}
        </span>
      }
      onClick={onClick}
    />
  );
}

function statusKey(payment: PaymentView): Key {
  const keys = {
    pending: "statusPending",
    completed: "statusCompleted",
    voided: "statusVoided",
    expired: "statusExpired",
    reversed: "statusReversed",
  } as const;
  return keys[payment.status];
}

function Receipt({ payment, onClose }: { payment: PaymentView; onClose: () => void }) {
  const { t, tag } = useLanguage();
  const name = useOtherName(payment);
  return (
    <Dialog title={t("receipt")} closeLabel={t("close")} onClose={onClose}>
      <div className={styles.centre}>
        <p>{name}</p>
        <p className={styles.large}>{formatSigned(payment.amount, tag, payment.direction)}</p>
        {payment.message ? <p>{payment.message}</p> : null}
      </div>
      <Card>
        <Row title={t("receiptKind")} end={t(kindKey(payment.kind))} />
        <Row title={t("receiptStatus")} end={t(statusKey(payment))} />
        <Row title={t("receiptWhen")} end={formatMoment(payment.created_at, tag)} />
        {payment.fee && payment.fee.minor > 0 ? (
          <Row title={t("receiptFee")} end={formatMoney(payment.fee, tag)} />
        ) : null}
        <Row title={t("receiptNumber")} sub={payment.payment_id} />
      </Card>
      <ReceiptPapers payment={payment} />
    </Dialog>
  );
}

