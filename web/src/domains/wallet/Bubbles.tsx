/** What the chat shows of money. A message claims; only the server's word makes it true. */

import { BadgeCheck, Gift, HandCoins, ReceiptText, ShieldAlert, Wallet } from "lucide-react";
import type { MatrixEvent, Room } from "matrix-js-sdk";
import { useState, type ReactNode } from "react";
import { useLanguage, type Key, type Translate } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { formatMoney, type Money } from "@/lib/money";
import { Button } from "@/ui/Button";
import { toast } from "@/ui/Toast";
import {
  answerRequest,
  answerTransfer,
  fetchPacket,
  fetchRequest,
  fetchSplit,
  fetchTransfer,
  payRequest,
  verifyBlock,
} from "./api";
import { OpenPacket } from "./OpenPacket";
import { useTellChat } from "./Pay";
import { usePaying } from "./Paying";
import { choose, tellWalletTrouble } from "./trouble";
import type { PaymentBlock, PaymentStatus, RequestView } from "./types";
import { useWalletData } from "./wallets";
import styles from "./wallet.module.css";

export const PAYMENT_BLOCK = "org.teahouse.payment";
export const REQUEST_BLOCK = "org.teahouse.payment_request";
export const SPLIT_BLOCK = "org.teahouse.bill_split";

interface BubbleProps {
  event: MatrixEvent;
  room: Room;
  isOwn: boolean;
}

const STATUS: Record<PaymentStatus, Key> = {
  pending: "statusPending",
  completed: "statusCompleted",
  voided: "statusVoided",
  expired: "statusExpired",
  reversed: "statusReversed",
};

/** The block of a message as a payment's, or nothing where it has not that form. */
export function readPaymentBlock(content: Record<string, unknown>): PaymentBlock | undefined {
  const block = content[PAYMENT_BLOCK];
  if (typeof block !== "object" || block === null) return undefined;
  const { payment_id: id, kind, reference } = block as Record<string, unknown>;
  const isForm = [id, kind, reference].every((value) => typeof value === "string");
  return isForm ? (block as PaymentBlock) : undefined;
}

/** The newest content: the server edits its messages when a payment's status changes. */
function shownContent(event: MatrixEvent): Record<string, unknown> {
  const edit = event.replacingEvent()?.getContent<Record<string, unknown>>()["m.new_content"];
  return (edit as Record<string, unknown> | undefined) ?? event.getContent();
}

export function isMoney(value: unknown): value is Money {
  if (typeof value !== "object" || value === null) return false;
  const { minor, currency } = value as Record<string, unknown>;
  return Number.isSafeInteger(minor) && typeof currency === "string" && /^[A-Z]{3}$/.test(currency);
}

export function PaymentBubble({ event, room, isOwn }: BubbleProps) {
  const { t } = useLanguage();
  const block = readPaymentBlock(shownContent(event));
  if (!block) return <Forged why={t("payForgedForm")} />;
  return <Claim key={block.payment_id} block={block} event={event} room={room} isOwn={isOwn} />;
}

function Claim({ block, event, room, isOwn }: BubbleProps & { block: PaymentBlock }) {
  const { t, tag } = useLanguage();
  const sender = event.getSender() ?? "";
  const { value: verdict, trouble } = useWalletData(
    () => verifyBlock(block, room.roomId, sender),
    `${room.roomId} ${event.getId() ?? ""}`,
  );
  if (trouble && !verdict) return <Slip icon={<Wallet size={22} />} title={t("payUnchecked")} />;
  if (!verdict) return <Slip icon={<Wallet size={22} />} title={t("payChecking")} />;
  if (!verdict.is_verified) return <Forged why={choose(verdict.explanation, tag) ?? ""} />;
  if (block.kind === "red_packet") return <Packet block={block} room={room} />;
  const status = verdict.status ?? block.status;
  const message = messageOf(event);
  return (
    <Slip
      icon={<Wallet size={22} />}
      title={isMoney(block.amount) ? formatMoney(block.amount, tag) : t("payment")}
      sub={message ?? tellSides(room, block, isOwn, t)}
      foot={
        <>
          <Verified />
          <span>{t(STATUS[status])}</span>
        </>
      }
    >
      {status === "pending" && block.payee === room.myUserId ? (
        <Accept transferId={block.reference} />
      ) : null}
    </Slip>
  );
}

function tellSides(room: Room, block: PaymentBlock, isOwn: boolean, t: Translate): string {
  const name = (userId: string | null) =>
    userId ? (room.getMember(userId)?.rawDisplayName ?? userId) : t("somebody");
  if (block.payee === room.myUserId) return t("payToYou", { name: name(block.payer) });
  if (isOwn) return t("payFromYou", { name: name(block.payee) });
  return t("payBetween", { name: name(block.payer), other: name(block.payee) });
}

/** The payer's words, which the server writes after its own sentence and a colon. */
function messageOf(event: MatrixEvent): string | undefined {
  const { body } = shownContent(event);
  const found = typeof body === "string" ? /(?:: |：)(.+)$/s.exec(body) : null;
  return found?.[1];
}

function Verified() {
  const { t } = useLanguage();
  return (
    <span className={styles.isTrue}>
      <BadgeCheck size={14} aria-hidden /> {t("payVerified")}
    </span>
  );
}

interface SlipProps {
  icon: ReactNode;
  title: ReactNode;
  sub?: ReactNode;
  foot?: ReactNode;
  children?: ReactNode;
}

function Slip({ icon, title, sub, foot, children }: SlipProps) {
  return (
    <div className={styles.slip}>
      <div className={styles.slipHead}>
        <span className={styles.slipIcon}>{icon}</span>
        <div>
          <p className={styles.slipAmount}>{title}</p>
          {sub ? <p className={styles.slipSub}>{sub}</p> : null}
        </div>
      </div>
      {children}
      {foot ? <div className={styles.slipFoot}>{foot}</div> : null}
    </div>
  );
}

function Forged({ why }: { why: string }) {
  const { t } = useLanguage();
  return (
    <div className={`${styles.slip ?? ""} ${styles.forged ?? ""}`} data-testid="forged-payment">
      <div className={styles.slipHead}>
        <span className={styles.slipIcon}>
          <ShieldAlert size={22} aria-hidden />
        </span>
        <p className={styles.forgedText}>{t("payForged")}</p>
      </div>
      <p className={styles.slipSub}>{why}</p>
    </div>
  );
}

/** Runs what a button of a bubble does, with its trouble told. */
function useDeed(): [boolean, (deed: () => Promise<unknown>) => Promise<void>] {
  const { t, tag } = useLanguage();
  const [isBusy, setIsBusy] = useState(false);
  const run = async (deed: () => Promise<unknown>) => {
    setIsBusy(true);
    try {
      await deed();
    } catch (error) {
      toast(tellWalletTrouble(t, tag, error));
    }
    setIsBusy(false);
  };
  return [isBusy, run];
}

function Accept({ transferId }: { transferId: string }) {
  const { t } = useLanguage();
  const tellChat = useTellChat();
  const { value, reload } = useWalletData(() => fetchTransfer(transferId), transferId);
  const [isBusy, run] = useDeed();
  if (!value?.may.includes("accept")) return null;
  const answer = (wanted: "accept" | "decline") =>
    run(async () => {
      const told = await answerTransfer(transferId, wanted);
      reload();
      await tellChat(told.in_chat);
    });
  return (
    <div className={styles.buttons}>
      <Button look="quiet" busy={isBusy} onClick={() => void answer("decline")}>
        {t("decline")}
      </Button>
      <Button busy={isBusy} onClick={() => void answer("accept")}>
        {t("payAccept")}
      </Button>
    </div>
  );
}

function Packet({ block, room }: { block: PaymentBlock; room: Room }) {
  const { t } = useLanguage();
  const [isOpen, setIsOpen] = useState(false);
  const { value } = useWalletData(() => fetchPacket(block.reference), block.reference);
  const isDone = value !== undefined && (value.mine !== null || value.status !== "open");
  return (
    <>
      <button
        type="button"
        className={`${styles.packet ?? ""} ${isDone ? (styles.packetDone ?? "") : ""}`}
        onClick={() => setIsOpen(true)}
      >
        <span className={styles.packetTop}>
          <span className={styles.packetSeal}>
            <Gift size={22} aria-hidden />
          </span>
          <span>
            <strong>{value?.greeting ?? t("packet")}</strong>
            <span>{tellPacket(value, t)}</span>
          </span>
        </span>
        <span className={styles.packetFoot}>{t("packet")}</span>
      </button>
      {isOpen ? (
        <OpenPacket packetId={block.reference} room={room} onClose={() => setIsOpen(false)} />
      ) : null}
    </>
  );
}

function tellPacket(
  packet: { mine: unknown; status: string } | undefined,
  t: Translate,
): string {
  if (!packet) return "";
  if (packet.mine !== null) return t("packetOpened");
  return packet.status === "open" ? t("packetTap") : t("packetOver");
}

// Requests and bills carry no receipt: what stands here is what the server tells those concerned.

export function RequestBubble({ event }: BubbleProps) {
  const { t, tag } = useLanguage();
  const { request_id: id } = (shownContent(event)[REQUEST_BLOCK] ?? {}) as { request_id?: unknown };
  const { value, trouble, reload } = useWalletData<RequestView | undefined>(
    () => (typeof id === "string" ? fetchRequest(id) : Promise.reject(new Error("no id"))),
    String(id),
  );
  if (trouble) return <Slip icon={<HandCoins size={22} />} title={t("request")} sub={t("requestOfOthers")} />;
  if (!value) return <Slip icon={<HandCoins size={22} />} title={t("payChecking")} />;
  return (
    <Slip
      icon={<HandCoins size={22} />}
      title={formatMoney(value.amount, tag)}
      sub={value.message || (value.direction === "in" ? t("requestToYou") : t("requestByYou"))}
      foot={
        <>
          <span>{t("request")}</span>
          <span>{t(`requestStatus_${value.status}`)}</span>
        </>
      }
    >
      {value.may.includes("pay") ? <PayRequest request={value} onDone={reload} /> : null}
    </Slip>
  );
}

function PayRequest({ request, onDone }: { request: RequestView; onDone: () => void }) {
  const { t } = useLanguage();
  const tellChat = useTellChat();
  const [isBusy, run] = useDeed();
  const payee = request.asker;
  const facts = payee
    ? {
        kind: request.split_id ? "split_paid" : "request_paid",
        payee: { user_id: payee },
        amount: request.amount,
      }
    : undefined;
  const paying = usePaying(facts, async (key, confirmation) => {
    const paid = await payRequest(request.request_id, confirmation, key);
    onDone();
    await tellChat(paid.in_chat);
  });
  const decline = () =>
    run(async () => {
      const told = await answerRequest(request.request_id, "decline");
      onDone();
      await tellChat(told.in_chat);
    });
  return (
    <>
      {paying.trouble ? <p className={styles.forgedText}>{paying.trouble}</p> : null}
      <div className={styles.buttons}>
        <Button look="quiet" busy={isBusy} onClick={() => void decline()}>
          {t("decline")}
        </Button>
        <Button busy={paying.isBusy} onClick={() => void paying.start()}>
          {t("pay")}
        </Button>
      </div>
      {paying.dialog}
    </>
  );
}

export function SplitBubble({ event }: BubbleProps) {
  const { t, tag } = useLanguage();
  const client = useClient();
  const { split_id: id } = (shownContent(event)[SPLIT_BLOCK] ?? {}) as { split_id?: unknown };
  const { value, trouble, reload } = useWalletData(
    () => (typeof id === "string" ? fetchSplit(id) : Promise.reject(new Error("no id"))),
    String(id),
  );
  if (trouble) return <Slip icon={<ReceiptText size={22} />} title={t("split")} sub={t("requestOfOthers")} />;
  if (!value) return <Slip icon={<ReceiptText size={22} />} title={t("payChecking")} />;
  const mine = value.shares.find((share) => share.user_id === client.getUserId());
  const paid = value.shares.filter((share) => share.status === "paid").length;
  return (
    <Slip
      icon={<ReceiptText size={22} />}
      title={formatMoney(value.total, tag)}
      sub={value.message || t("split")}
      foot={
        <>
          <span>{t("split")}</span>
          <span>{t("splitPaid", { paid, count: value.shares.length })}</span>
        </>
      }
    >
      {mine ? (
        <p className={styles.slipSub}>
          {t("splitYours", { amount: formatMoney(mine.amount, tag) })}
        </p>
      ) : null}
      {mine?.status === "open" ? <PayShare requestId={mine.request_id} onDone={reload} /> : null}
    </Slip>
  );
}

function PayShare({ requestId, onDone }: { requestId: string; onDone: () => void }) {
  const { value } = useWalletData(() => fetchRequest(requestId), requestId);
  return value?.may.includes("pay") ? <PayRequest request={value} onDone={onDone} /> : null;
}
