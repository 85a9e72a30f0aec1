/** What a wallet offers beside paying. */

import { ChartColumn, FileDown, Gauge, Landmark, Repeat, Scale, Snowflake, Store } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { useT } from "@/lib/language";
import { Card, Row } from "@/ui/Page";
import styles from "./wallet.module.css";

export function WalletTools() {
  const t = useT();
  return (
    <nav className={styles.actions} aria-label={t("walletTools")}>
      <Tool to="/me/banks" icon={<Landmark size={24} />} label={t("banks")} />
      <Tool to="/me/summary" icon={<ChartColumn size={24} />} label={t("summary")} />
      <Tool to="/me/limits" icon={<Gauge size={24} />} label={t("limits")} />
      <Tool to="/me/shops" icon={<Store size={24} />} label={t("shops")} />
    </nav>
  );
}

function Tool({ to, icon, label }: { to: string; icon: ReactNode; label: string }) {
  return (
    <Link to={to} className={styles.action}>
      <span className={styles.actionIcon}>{icon}</span>
      {label}
    </Link>
  );
}

export function WalletMenu() {
  const t = useT();
  return (
    <Card>
      <Row icon={<Repeat size={20} />} title={t("mandates")} sub={t("mandatesText")} to="/me/mandates" />
      <Row icon={<FileDown size={20} />} title={t("exports")} sub={t("exportsText")} to="/me/exports" />
      <Row icon={<Scale size={20} />} title={t("disputes")} sub={t("disputesText")} to="/me/disputes" />
      <Row icon={<Snowflake size={20} />} title={t("freeze")} sub={t("freezeText")} to="/me/freeze" />
    </Card>
  );
}
