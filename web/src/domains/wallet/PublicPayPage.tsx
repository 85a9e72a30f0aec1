/** The pay page for whoever has a code and is not signed in: who asks for how much. */

import { Store } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { Code } from "@/lib/code";
import { useLanguage } from "@/lib/language";
import { formatMoney } from "@/lib/money";
import { Loading, State } from "@/ui/State";
import { fetchPayPage } from "./api";
import { tellWalletTrouble } from "./trouble";
import type { PayPage } from "./types";
import ui from "@/ui/ui.module.css";
import styles from "./wallet.module.css";

export function PublicPayPage({ code }: { code: string }) {
  const { t, tag } = useLanguage();
  const [page, setPage] = useState<PayPage>();
  const [trouble, setTrouble] = useState<unknown>();
  useEffect(() => {
    fetchPayPage(code).then(setPage, setTrouble);
  }, [code]);
  if (trouble) return <State title={tellWalletTrouble(t, tag, trouble)} />;
  if (!page) return <Loading label={t("loading")} />;
  const name = tag === "zh-Hans" && page.shop_name_zh ? page.shop_name_zh : page.shop_name;
  return (
    <main className={ui.pageBody} style={{ height: "100%" }}>
      <div className={ui.column} style={{ maxWidth: 420, paddingTop: 40 }}>
        <div className={styles.till}>
          <span className={styles.actionIcon}>
            <Store size={24} aria-hidden />
          </span>
          <h1>{name}</h1>
          <p className={styles.slipSub}>{page.shop_city}</p>
          <p className={styles.large}>{formatMoney(page.amount, tag)}</p>
          {page.is_payable ? (
            <>
              <Code value={location.href} label={t("payScan")} />
              <p className={styles.slipSub}>{t("payScan")}</p>
              <Link
                to={`/sign-in?next=${encodeURIComponent(`/pay/${code}`)}`}
                className={`${ui.button ?? ""} ${ui.primary ?? ""} ${ui.wide ?? ""}`}
              >
                {t("paySignIn")}
              </Link>
            </>
          ) : (
            <p>{page.is_paid ? t("payDone") : t("chargeOver")}</p>
          )}
        </div>
      </div>
    </main>
  );
}
