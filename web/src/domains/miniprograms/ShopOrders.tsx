/** A shop's counter: what was ordered and paid, and the next step of each. */

import { ClipboardList, UtensilsCrossed } from "lucide-react";
import { useState } from "react";
import { useLanguage, type Key } from "@/lib/language";
import { formatMoney } from "@/lib/money";
import { formatClock } from "@/lib/time";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Note } from "@/ui/Note";
import { Card, Page, Row } from "@/ui/Page";
import { Loading, State } from "@/ui/State";
import { useLoaded } from "@/ui/loading";
import { fetchShopOrders, moveOrder, type Order, type OrderStep } from "./api";
import styles from "./miniprograms.module.css";

const LOOK_EVERY_MS = 3000;
const STEPS: Partial<Record<Order["status"], { to: OrderStep; label: Key }[]>> = {
  paid: [
    { to: "refused", label: "orderRefuse" },
    { to: "accepted", label: "orderAccept" },
  ],
  accepted: [
    { to: "refused", label: "orderRefuse" },
    { to: "ready", label: "orderReady" },
  ],
  ready: [{ to: "collected", label: "orderCollected" }],
};

/** The ways from the till to the counter and to the menu. */
export function OrdersRow({ shopId }: { shopId: string }) {
  const { t } = useLanguage();
  return (
    <Card>
      <Row
        icon={<ClipboardList size={20} />}
        title={t("counterOrders")}
        sub={t("ordersText")}
        to={`/me/orders/${encodeURIComponent(shopId)}`}
      />
      <Row
        icon={<UtensilsCrossed size={20} />}
        title={t("menu")}
        sub={t("menuText")}
        to={`/me/menu/${encodeURIComponent(shopId)}`}
      />
    </Card>
  );
}

export function ShopOrders({ shopId }: { shopId: string }) {
  const { t, tag } = useLanguage();
  const { value, trouble, reload } = useLoaded(() => fetchShopOrders(shopId), shopId, LOOK_EVERY_MS);
  const [failed, setFailed] = useState<unknown>();
  const move = async (order: Order, to: OrderStep) => {
    setFailed(undefined);
    await moveOrder(shopId, order.order_id, to).catch(setFailed);
    reload();
  };
  const bad = failed ?? (value ? undefined : trouble);
  return (
    <Page
      title={t("counterOrders")}
      back={{ to: `/till/${encodeURIComponent(shopId)}`, label: t("back") }}
    >
      {bad ? <Note kind="bad">{tellTrouble(t, bad)}</Note> : null}
      {!value && !trouble ? <Loading label={t("loading")} /> : null}
      {value?.length === 0 ? (
        <State icon={<ClipboardList size={28} />} title={t("ordersNone")}>
          {t("ordersNoneText")}
        </State>
      ) : null}
      {value?.map((order) => (
        <article key={order.order_id} className={styles.order} aria-label={t("orderNumber", { number: order.number })}>
          <div className={styles.orderHead}>
            <strong className={styles.number}>{order.number}</strong>
            <span>{order.called}</span>
            <span className={styles.soft}>{formatClock(order.placed_at, tag)}</span>
            <span className={styles.soft}>{t(statusKey(order.status))}</span>
          </div>
          <ul>
            {order.lines.map((line, index) => (
              <li key={index}>
                {line.count} × {inLine(line, tag)}
              </li>
            ))}
          </ul>
          {order.note ? <Note kind="warn">{order.note}</Note> : null}
          <p>{formatMoney(order.total, tag)}</p>
          <div className={styles.pair}>
            {STEPS[order.status]?.map(({ to, label }) => (
              <Button
                key={to}
                look={to === "refused" ? "danger" : "primary"}
                onClick={() => void move(order, to)}
              >
                {t(label)}
              </Button>
            ))}
          </div>
        </article>
      ))}
    </Page>
  );
}

const inLine = (line: { en: string; zh: string }, tag: string) =>
  tag === "zh-Hans" ? line.zh : line.en;

function statusKey(status: Order["status"]): Key {
  if (status === "accepted") return "orderIsMade";
  return status === "ready" ? "orderIsReady" : "orderIsPaid";
}
