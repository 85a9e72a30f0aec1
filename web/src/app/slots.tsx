/** What the chat has beside text: of its own, and from the wallet. */

import { Blocks, Gift, HandCoins, ReceiptText, Wallet } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { CHAT_BLOCKS, CHAT_COMPOSER } from "@/domains/chat/extras";
import { nameOfMember } from "@/domains/chat/naming";
import type { ChatSlots } from "@/domains/chat/slots";
import {
  PAYMENT_BLOCK,
  PaymentBubble,
  readPaymentBlock,
  REQUEST_BLOCK,
  RequestBubble,
  SPLIT_BLOCK,
  SplitBubble,
} from "@/domains/wallet/Bubbles";
import { ProgramChoice } from "@/domains/miniprograms/Programs";
import type { PaymentForms } from "@/domains/miniprograms/slots";
import { AskedCharge, AskedTransfer } from "@/domains/wallet/AskedPayment";
import { GivePacket, othersOf, PayMember, RequestMember, SplitBill } from "@/domains/wallet/Pay";
import { MemberChoice } from "./MemberChoice";

interface DialogProps {
  room: Room;
  onClose: () => void;
}

/** In a one-to-one chat the other is meant; in a group one says who. */
function withMember(
  Form: typeof PayMember,
): (props: DialogProps) => React.ReactNode {
  return function MemberDialog({ room, onClose }: DialogProps) {
    return (
      <MemberChoice members={othersOf(room)} room={room} onClose={onClose}>
        {(userId) => (
          <Form
            payee={userId}
            name={nameOfMember(room, userId)}
            roomId={room.roomId}
            onClose={onClose}
          />
        )}
      </MemberChoice>
    );
  };
}

export const SLOTS: ChatSlots = {
  blocks: {
    ...CHAT_BLOCKS,
    [PAYMENT_BLOCK]: {
      Bubble: PaymentBubble,
      // The list of chats names no amount: what a message claims is checked in the chat.
      summarise: (content, t) =>
        `[${readPaymentBlock(content)?.kind === "red_packet" ? t("packet") : t("payment")}]`,
    },
    [REQUEST_BLOCK]: { Bubble: RequestBubble, summarise: (_, t) => `[${t("request")}]` },
    [SPLIT_BLOCK]: { Bubble: SplitBubble, summarise: (_, t) => `[${t("split")}]` },
  },
  composer: [
    ...CHAT_COMPOSER,
    {
      id: "programs",
      label: (t) => t("miniPrograms"),
      icon: <Blocks size={24} />,
      Dialog: ProgramChoice,
    },
    {
      id: "pay",
      label: (t) => t("transfer"),
      icon: <Wallet size={24} />,
      Dialog: withMember(PayMember),
    },
    { id: "packet", label: (t) => t("packet"), icon: <Gift size={24} />, Dialog: GivePacket },
    {
      id: "request",
      label: (t) => t("request"),
      icon: <HandCoins size={24} />,
      Dialog: withMember(RequestMember),
    },
    { id: "split", label: (t) => t("split"), icon: <ReceiptText size={24} />, Dialog: SplitBill },
  ],
};

/** How the wallet shows what mini-programs ask for. */
export const PAYMENT_FORMS: PaymentForms = { Charge: AskedCharge, Transfer: AskedTransfer };
