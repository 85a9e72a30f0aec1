/** What the wallet's API gives and takes (/api/openapi.json), as far as this client uses it. */

import type { Money } from "@/lib/money";

export interface WalletView {
  wallet_id: string;
  currency: string;
  status: "open" | "frozen" | "closed";
  posted: Money;
  available: Money;
  pending_in: Money;
  pending_out: Money;
}

export interface WalletList {
  wallets: WalletView[];
  currencies: string[];
  preferred: string;
  accepts_by_hand: boolean;
}

export type PaymentStatus = "pending" | "completed" | "voided" | "expired" | "reversed";

export interface PaymentView {
  payment_id: string;
  kind: string;
  status: PaymentStatus;
  direction: "in" | "out";
  counterparty: { party: string | null; user_id: string | null; name?: string };
  amount: Money;
  fee: Money | null;
  message: string;
  reference: string;
  room_id: string | null;
  created_at: number;
  expires_at: number | null;
  booked_at: number | null;
}

/** How a room is told: the server has sent `event_id`, or the client sends `content` itself. */
export interface ChatNote {
  room_id: string;
  event_id: string | null;
  content: Record<string, unknown>;
}

export interface TransferView {
  transfer_id: string;
  status: "completed" | "pending" | "declined" | "cancelled" | "expired";
  may: ("accept" | "decline" | "cancel")[];
  payment: PaymentView;
  expires_at: number | null;
  in_chat: ChatNote | null;
}

export interface RequestView {
  request_id: string;
  direction: "in" | "out";
  asker: string | null;
  payer: string | null;
  amount: Money;
  message: string;
  status: "open" | "paid" | "declined" | "cancelled" | "expired";
  may: ("pay" | "decline" | "cancel" | "remind")[];
  split_id: string | null;
  in_chat: ChatNote | null;
}

export interface SplitView {
  split_id: string;
  asker: string | null;
  total: Money;
  own: Money;
  message: string;
  shares: { request_id: string; user_id: string | null; amount: Money; status: string }[];
  paid: Money;
  left: Money;
  in_chat: ChatNote | null;
}

export interface PacketView {
  packet_id: string;
  sender: string | null;
  for_member: string | null;
  total: Money;
  count: number;
  greeting: string;
  status: "open" | "empty" | "returned";
  left_count: number;
  mine: PacketShare | null;
  shares: PacketShare[] | null;
  in_chat: ChatNote | null;
}

export interface PacketShare {
  user_id: string | null;
  amount: Money;
  claimed_at: number;
  is_best: boolean;
}

/** The block of a message that tells of a payment; true only if the server says so. */
export interface PaymentBlock {
  payment_id: string;
  kind: string;
  payer: string | null;
  payee: string | null;
  amount: Money | null;
  status: PaymentStatus;
  reference: string;
}

export interface Verdict {
  is_verified: boolean;
  explanation: Partial<Record<"en" | "zh", string>>;
  status: PaymentStatus | null;
}

export interface ShopPage {
  shop_id: string;
  name: string;
  name_zh: string;
  city: string;
  city_zh: string;
  category: string;
  is_verified: boolean;
}

export interface MyCharge {
  charge_id: string;
  shop: ShopPage;
  status: string;
  amount: Money;
  tip: Money;
  total: Money;
  tip_mode: "none" | "ask";
  description: string;
  payee: string;
  payment_id: string | null;
  expires_at: number;
}

export interface PayPage {
  shop_name: string;
  shop_name_zh: string;
  shop_city: string;
  amount: Money;
  is_payable: boolean;
  is_paid: boolean;
  expires_at: number;
  return_url: string;
}

export interface ShopCharge {
  charge_id: string;
  code: string;
  pay_path: string;
  status: string;
  amount: Money;
  tip: Money;
  captured: Money;
  refunded: Money;
  description: string;
  created_at: number;
  expires_at: number;
}

export interface MyShop {
  shop: {
    shop_id: string;
    name: string;
    name_zh: string;
    currency: string;
    status: "applied" | "verified" | "refused" | "suspended" | "closed";
    status_reason: string;
  };
  role: string;
  powers: string[];
}

export interface Scanned {
  shop: ShopPage;
  charge: MyCharge | null;
  currency: string;
}

export interface ShownCode {
  payment_code_id: string;
  code: string;
  digits: string;
  expires_at: number;
}

export type Factor = "password" | "totp" | "passkey";

export interface ConfirmationView {
  confirmation_id: string;
  summary: Partial<Record<"en" | "zh", string>>;
  confirmed: Factor[];
  offered: Factor[];
  tries_left: number;
  public_key: Record<string, unknown> | null;
}

/** What exactly is confirmed, as the server binds it. */
export interface Facts {
  kind: string;
  payee?: { user_id: string } | { party: string };
  amount?: Money;
  reference?: string;
}
