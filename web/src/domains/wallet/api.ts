/** Calls of the wallet, one function each. */

import { call, doOnce, fetchApi, newKey, type Page } from "@/lib/api";
import type { Money } from "@/lib/money";
import type {
  ConfirmationView,
  Facts,
  MyCharge,
  MyShop,
  PacketView,
  PaymentBlock,
  PaymentView,
  PayPage,
  RequestView,
  Scanned,
  ShopCharge,
  ShownCode,
  SplitView,
  TransferView,
  Verdict,
  WalletList,
  WalletView,
} from "./types";

const WALLET = "/wallet";
const part = encodeURIComponent;

export const fetchWallets = () => fetchApi<WalletList>(`${WALLET}/wallets`);
export const openWallet = (currency: string) =>
  doOnce<WalletView>(`${WALLET}/wallets`, { currency }, newKey());

export interface HistoryWish {
  cursor?: string | undefined;
  text?: string | undefined;
  reference?: string | undefined;
}
export const fetchHistory = (wish: HistoryWish) =>
  fetchApi<Page<PaymentView>>(`${WALLET}/payments`, { ...wish });
export const verifyBlock = (block: PaymentBlock, roomId: string, sender: string) =>
  call<Verdict>(`${WALLET}/payments/verify`, { body: { block, room_id: roomId, sender } });

export interface TransferWish {
  payee: string;
  amount: Money;
  message: string;
  room_id?: string;
  confirmation?: string;
}
export const sendTransfer = (wish: TransferWish, key: string) =>
  doOnce<TransferView>(`${WALLET}/transfers`, wish, key);
export const fetchTransfer = (id: string) =>
  fetchApi<TransferView>(`${WALLET}/transfers/${part(id)}`);
export const answerTransfer = (id: string, answer: "accept" | "decline" | "cancel") =>
  doOnce<TransferView>(`${WALLET}/transfers/${part(id)}/${answer}`, undefined, newKey());

export interface RequestWish {
  payer: string;
  amount: Money;
  message: string;
  room_id?: string;
}
export const sendRequest = (wish: RequestWish, key: string) =>
  doOnce<RequestView>(`${WALLET}/requests`, wish, key);
export const fetchRequest = (id: string) => fetchApi<RequestView>(`${WALLET}/requests/${part(id)}`);
export const payRequest = (id: string, confirmation: string | undefined, key: string) =>
  doOnce<{ request: RequestView; in_chat: TransferView["in_chat"] }>(
    `${WALLET}/requests/${part(id)}/pay`,
    confirmation ? { confirmation } : {},
    key,
  );
export const answerRequest = (id: string, answer: "decline" | "cancel") =>
  doOnce<RequestView>(`${WALLET}/requests/${part(id)}/${answer}`, undefined, newKey());

export interface SplitWish {
  room_id: string;
  total: Money;
  shares: { user_id: string }[];
  message: string;
}
export const splitBill = (wish: SplitWish, key: string) =>
  doOnce<SplitView>(`${WALLET}/splits`, wish, key);
export const fetchSplit = (id: string) => fetchApi<SplitView>(`${WALLET}/splits/${part(id)}`);

export interface PacketWish {
  room_id: string;
  total: Money;
  count: number;
  split: "equal" | "random";
  greeting: string;
  confirmation?: string;
}
export const givePacket = (wish: PacketWish, key: string) =>
  doOnce<PacketView>(`${WALLET}/red-packets`, wish, key);
export const fetchPacket = (id: string) =>
  fetchApi<PacketView>(`${WALLET}/red-packets/${part(id)}`);
export const claimPacket = (id: string, key: string) =>
  doOnce<{ amount: Money }>(`${WALLET}/red-packets/${part(id)}/claim`, undefined, key);

// Shops

export const scan = (text: string) => call<Scanned>(`${WALLET}/scan`, { body: { text } });
export const fetchPayPage = (code: string) => fetchApi<PayPage>(`${WALLET}/pay/${part(code)}`);
export const fetchCharge = (code: string) => fetchApi<MyCharge>(`${WALLET}/pay/${part(code)}/charge`);
export const payCharge = (code: string, body: { tip: number; confirmation?: string }, key: string) =>
  doOnce<MyCharge>(`${WALLET}/pay/${part(code)}`, body, key);
export const fetchWaitingCharges = () =>
  fetchApi<Page<MyCharge>>(`${WALLET}/charges`, { status: "awaiting_member" });
export const confirmCharge = (id: string, body: { confirmation?: string }, key: string) =>
  doOnce<MyCharge>(`${WALLET}/charges/${part(id)}/confirm`, { tip: 0, ...body }, key);
export const payShop = (
  shopId: string,
  body: { amount: Money; confirmation?: string },
  key: string,
) => doOnce<MyCharge>(`${WALLET}/shops/${part(shopId)}/pay`, body, key);
export const showCode = () => call<ShownCode>(`${WALLET}/payment-codes`, { method: "POST" });

export const fetchShops = () => fetchApi<MyShop[]>(`${WALLET}/shops`);
export const fetchShop = (id: string) => fetchApi<MyShop["shop"]>(`${WALLET}/shops/${part(id)}`);
export const createCharge = (shopId: string, body: object, key: string) =>
  doOnce<ShopCharge>(`${WALLET}/shops/${part(shopId)}/charges`, body, key);
export const fetchShopCharge = (shopId: string, id: string) =>
  fetchApi<ShopCharge>(`${WALLET}/shops/${part(shopId)}/charges/${part(id)}`);
export const fetchShopCharges = (shopId: string) =>
  fetchApi<Page<ShopCharge>>(`${WALLET}/shops/${part(shopId)}/charges`, { limit: "20" });
export const cancelCharge = (shopId: string, id: string) =>
  doOnce<ShopCharge>(`${WALLET}/shops/${part(shopId)}/charges/${part(id)}/cancel`, undefined, newKey());
export const chargeByCode = (shopId: string, code: string, charge: object, key: string) =>
  doOnce<ShopCharge>(`${WALLET}/shops/${part(shopId)}/payment-codes/charge`, { code, charge }, key);
export const fetchChargeCode = (shopId: string, id: string) =>
  fetchApi<{ payload: string; link: string }>(
    `${WALLET}/shops/${part(shopId)}/charges/${part(id)}/code`,
  );

// Confirmations

export const beginConfirmation = (facts: Facts) =>
  call<ConfirmationView>(`${WALLET}/confirmations`, { body: facts });
export const proveFactor = (id: string, proof: object) =>
  call<ConfirmationView>(`${WALLET}/confirmations/${part(id)}/proofs`, { body: proof });
