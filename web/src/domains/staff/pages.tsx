/** The staff's console: what each role may do, and no more. */

import {
  Activity,
  Briefcase,
  Flag,
  Gavel,
  ListChecks,
  SlidersHorizontal,
  Snowflake,
  Users,
} from "lucide-react";
import type { ComponentType, ReactNode } from "react";
import { useT, type Key } from "@/lib/language";
import { Await, useLoaded } from "@/ui/loading";
import { Card, Page, Row } from "@/ui/Page";
import { State } from "@/ui/State";
import { fetchOwnPowers } from "./api";
import { Freezes } from "./Freezes";
import { Jobs } from "./Jobs";
import { Load } from "./Load";
import { Members } from "./Members";
import { AfterReason, OwnReason } from "./reason";
import { Reports } from "./Reports";
import { Sanctions } from "./Sanctions";
import { SettingsInForce } from "./SettingsInForce";
import styles from "./staff.module.css";

interface StaffPage {
  path: string;
  /** Who lacks it is not shown the page; the server refuses them all the same. */
  power: string;
  title: Key;
  icon: ReactNode;
  Page: ComponentType;
  /** Whether it shows what is of members: then one says first why one looks. */
  isOfMembers?: boolean;
}

const PAGES: StaffPage[] = [
  { path: "members", power: "members.list", title: "staffMembers", icon: <Users size={20} />, Page: Members, isOfMembers: true },
  { path: "reports", power: "reports.see", title: "staffReports", icon: <Flag size={20} />, Page: Reports, isOfMembers: true },
  { path: "sanctions", power: "sanctions.decide", title: "staffSanctions", icon: <Gavel size={20} />, Page: Sanctions, isOfMembers: true },
  { path: "freezes", power: "wallet.freeze", title: "staffFreezes", icon: <Snowflake size={20} />, Page: Freezes, isOfMembers: true },
  { path: "jobs", power: "jobs.see", title: "staffJobs", icon: <ListChecks size={20} />, Page: Jobs },
  { path: "settings", power: "settings.see", title: "staffSettings", icon: <SlidersHorizontal size={20} />, Page: SettingsInForce },
  { path: "load", power: "load.see", title: "staffLoad", icon: <Activity size={20} />, Page: Load },
];

/** A way into the console, for those who have a role. */
export function StaffRow() {
  const t = useT();
  const { value } = useLoaded(fetchOwnPowers);
  if (!value || !PAGES.some((page) => value.powers.includes(page.power))) return null;
  return (
    <Card>
      <Row
        icon={<Briefcase size={20} />}
        title={t("staff")}
        sub={value.roles.map((role) => t(`staffRole_${role}` as Key)).join(" · ")}
        to="/me/staff"
      />
    </Card>
  );
}

/** @param props.path what stands after /me/staff/ in the address. */
export function StaffRoute({ path }: { path: string | undefined }) {
  const t = useT();
  if (!path) return <Overview />;
  const found = PAGES.find((page) => page.path === path);
  if (found?.isOfMembers) {
    return (
      <AfterReason title={t(found.title)}>
        <found.Page />
      </AfterReason>
    );
  }
  if (found) return <found.Page />;
  return (
    <Page title="" back={{ to: "/me/staff", label: t("back") }}>
      <State title={t("notFound")}>{t("notFoundText")}</State>
    </Page>
  );
}

function Overview() {
  const t = useT();
  const loaded = useLoaded(fetchOwnPowers);
  return (
    <Page title={t("staff")} back={{ to: "/me", label: t("back") }}>
      <Await loaded={loaded}>
        {({ powers }) => {
          const own = PAGES.filter((page) => powers.includes(page.power));
          if (own.length === 0) return <State title={t("staffNotYou")}>{t("staffNotYouText")}</State>;
          return (
            <>
              <p className={styles.soft}>{t("staffText")}</p>
              <OwnReason />
              <Card>
                {own.map((page) => (
                  <Row
                    key={page.path}
                    icon={page.icon}
                    title={t(page.title)}
                    to={`/me/staff/${page.path}`}
                  />
                ))}
              </Card>
            </>
          );
        }}
      </Await>
    </Page>
  );
}
