/** The staff's console: what each role may do, and no more. */

import {
  Activity,
  Archive,
  Briefcase,
  Flag,
  Gavel,
  Landmark,
  ListChecks,
  Scale,
  SlidersHorizontal,
  Snowflake,
  Store,
  Users,
} from "lucide-react";
import type { ComponentType, ReactNode } from "react";
import { useT, type Key } from "@/lib/language";
import { Await, useLoaded } from "@/ui/loading";
import { Card, Page, Row } from "@/ui/Page";
import { State } from "@/ui/State";
import { fetchOwnPowers } from "./api";
import { Boxes } from "./Boxes";
import { Disputes } from "./Disputes";
import { Freezes } from "./Freezes";
import { Jobs } from "./Jobs";
import { Load } from "./Load";
import { Members } from "./Members";
import { AfterReason, OwnReason } from "./reason";
import { OfficialRequests } from "./Official";
import { Reports } from "./Reports";
import { Sanctions } from "./Sanctions";
import { SettingsInForce } from "./SettingsInForce";
import { StaffShops } from "./Shops";
import styles from "./staff.module.css";

interface StaffPage {
  path: string;
  /** Who has none of these is not shown the page; the server refuses them all the same. */
  powers: readonly string[];
  title: Key;
  icon: ReactNode;
  Page: ComponentType;
  /** Whether it shows what is of members: then one says first why one looks. */
  isOfMembers?: boolean;
}

const PAGES: StaffPage[] = [
  { path: "members", powers: ["members.list"], title: "staffMembers", icon: <Users size={20} />, Page: Members, isOfMembers: true },
  { path: "reports", powers: ["reports.see"], title: "staffReports", icon: <Flag size={20} />, Page: Reports, isOfMembers: true },
  { path: "sanctions", powers: ["sanctions.decide"], title: "staffSanctions", icon: <Gavel size={20} />, Page: Sanctions, isOfMembers: true },
  { path: "freezes", powers: ["wallet.freeze"], title: "staffFreezes", icon: <Snowflake size={20} />, Page: Freezes, isOfMembers: true },
  { path: "disputes", powers: ["disputes.decide"], title: "staffDisputes", icon: <Scale size={20} />, Page: Disputes, isOfMembers: true },
  { path: "shops", powers: ["shops.decide"], title: "staffShops", icon: <Store size={20} />, Page: StaffShops, isOfMembers: true },
  { path: "official", powers: ["official.read"], title: "official", icon: <Landmark size={20} />, Page: OfficialRequests, isOfMembers: true },
  { path: "boxes", powers: ["boxes.find", "boxes.approve"], title: "staffBoxes", icon: <Archive size={20} />, Page: Boxes, isOfMembers: true },
  { path: "jobs", powers: ["jobs.see"], title: "staffJobs", icon: <ListChecks size={20} />, Page: Jobs },
  { path: "settings", powers: ["settings.see"], title: "staffSettings", icon: <SlidersHorizontal size={20} />, Page: SettingsInForce },
  { path: "load", powers: ["load.see"], title: "staffLoad", icon: <Activity size={20} />, Page: Load },
];

/** A way into the console, for those who have a role. */
export function StaffRow() {
  const t = useT();
  const { value } = useLoaded(fetchOwnPowers);
  if (!value || !PAGES.some((page) => isFor(page, value.powers))) return null;
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
  if (found) {
    return (
      <WithPowers page={found}>
        <Opened page={found} />
      </WithPowers>
    );
  }
  return (
    <Page title="" back={{ to: "/me/staff", label: t("back") }}>
      <State title={t("notFound")}>{t("notFoundText")}</State>
    </Page>
  );
}

/** Whether one has a page's power; until that is known nothing of it is asked for. */
function WithPowers({ page, children }: { page: StaffPage; children: ReactNode }) {
  const t = useT();
  const loaded = useLoaded(fetchOwnPowers);
  if (loaded.value && isFor(page, loaded.value.powers)) return children;
  return (
    <Page title={t(page.title)} back={{ to: "/me/staff", label: t("back") }}>
      <Await loaded={loaded}>
        {() => <State title={t("staffNotYou")}>{t("staffNotYourPage")}</State>}
      </Await>
    </Page>
  );
}

function Opened({ page }: { page: StaffPage }) {
  const t = useT();
  if (!page.isOfMembers) return <page.Page />;
  return (
    <AfterReason title={t(page.title)}>
      <page.Page />
    </AfterReason>
  );
}

function isFor(page: StaffPage, powers: readonly string[]): boolean {
  return page.powers.some((power) => powers.includes(power));
}

function Overview() {
  const t = useT();
  const loaded = useLoaded(fetchOwnPowers);
  return (
    <Page title={t("staff")} back={{ to: "/me", label: t("back") }}>
      <Await loaded={loaded}>
        {({ powers }) => {
          const own = PAGES.filter((page) => isFor(page, powers));
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
