/** Shops: who applied, who may take money, and what was decided about them. */

import { useState } from "react";
import { useLanguage, useT, type Key } from "@/lib/language";
import { Choice } from "@/ui/Choice";
import { Await, useLoaded } from "@/ui/loading";
import { Card, Page } from "@/ui/Page";
import { Standing } from "@/ui/Standing";
import { State } from "@/ui/State";
import {
  decideShop,
  fetchOwnPowers,
  fetchShops,
  proposeShopFreeze,
  type ShopDecision,
  type ShopStatus,
  type StaffShop,
} from "./api";
import { Entry, ReasonedButton } from "./parts";
import styles from "./staff.module.css";

const STATUSES = ["applied", "verified", "suspended", "refused", "closed"] as const;

interface Deed {
  status: ShopDecision;
  label: Key;
  look: "primary" | "quiet" | "danger";
}

const VERIFY: Deed = { status: "verified", label: "staffShopVerify", look: "primary" };
const REFUSE: Deed = { status: "refused", label: "staffShopRefuse", look: "quiet" };
const SUSPEND: Deed = { status: "suspended", label: "staffShopSuspend", look: "danger" };
const OPEN_AGAIN: Deed = { status: "verified", label: "staffShopAgain", look: "primary" };
const CLOSE: Deed = { status: "closed", label: "staffShopClose", look: "danger" };

const DEEDS: Record<ShopStatus, Deed[]> = {
  applied: [VERIFY, REFUSE],
  verified: [SUSPEND, CLOSE],
  suspended: [OPEN_AGAIN, CLOSE],
  refused: [CLOSE],
  closed: [],
};

export function StaffShops() {
  const t = useT();
  const [status, setStatus] = useState<ShopStatus>("applied");
  const loaded = useLoaded(
    () => Promise.all([fetchShops(status), fetchOwnPowers()]),
    status,
  );
  return (
    <Page title={t("staffShops")} back={{ to: "/me/staff", label: t("back") }}>
      <p className={styles.soft}>{t("staffShopsText")}</p>
      <Choice
        label={t("staffShow")}
        value={status}
        options={STATUSES.map((one) => ({ value: one, label: t(`shop_${one}`) }))}
        onChange={setStatus}
      />
      <Await loaded={loaded}>
        {([{ items }, { powers }]) =>
          items.length === 0 ? (
            <State title={t("staffNoShops")} />
          ) : (
            <Card>
              {items.map((shop) => (
                <ShopEntry
                  key={shop.shop_id}
                  shop={shop}
                  mayFreeze={powers.includes("wallet.freeze")}
                  onChanged={loaded.reload}
                />
              ))}
            </Card>
          )
        }
      </Await>
    </Page>
  );
}

interface EntryProps {
  shop: StaffShop;
  mayFreeze: boolean;
  onChanged: () => void;
}

function ShopEntry({ shop, mayFreeze, onChanged }: EntryProps) {
  const { t, tag } = useLanguage();
  const isChinese = tag === "zh-Hans";
  const name = (isChinese && shop.name_zh) || shop.name;
  const city = (isChinese && shop.city_zh) || shop.city;
  return (
    <Entry
      title={name}
      at={shop.created_at}
      tag={<Standing isBad={shop.status === "suspended"}>{t(`shop_${shop.status}`)}</Standing>}
    >
      <p className={styles.soft}>
        {[city, shop.country, t("staffShopDeals", { code: shop.category_code })].join(" · ")}
      </p>
      {shop.status_reason ? <p>{shop.status_reason}</p> : null}
      <div className={styles.buttons}>
        {DEEDS[shop.status].map(({ status, label, look }) => (
          <ReasonedButton
            key={label}
            label={label}
            text="staffShopTold"
            look={look}
            deed={(reason, key) => decideShop(shop.shop_id, { status, reason }, key)}
            onDone={onChanged}
          />
        ))}
        {mayFreeze && shop.status !== "closed" ? (
          <ReasonedButton
            label="staffPropose"
            text="staffShopFreezeText"
            deed={(reason, key) => proposeShopFreeze(shop.party, reason, key)}
            onDone={onChanged}
          />
        ) : null}
      </div>
    </Entry>
  );
}
