/** The pages below /me/privacy, and in which order the overview names them. */

import {
  Award,
  Database,
  Eye,
  FileText,
  FolderInput,
  Landmark,
  PackageOpen,
  ScrollText,
  Smartphone,
  Timer,
  ToggleRight,
  Trash2,
} from "lucide-react";
import type { ComponentType, ReactNode } from "react";
import { useT, type Key } from "@/lib/language";
import { Page } from "@/ui/Page";
import { State } from "@/ui/State";
import { Consents } from "./Consents";
import { Court } from "./Court";
import { DataKept } from "./DataKept";
import { Erase } from "./Erase";
import { Export } from "./Export";
import { Import } from "./Import";
import { Looks } from "./Looks";
import { Overview } from "./Overview";
import { Policy } from "./Policy";
import { RetentionPage } from "./RetentionPage";

export type Group = "see" | "decide" | "take";

/** A line of the overview. A page of ours is shown at /me/privacy/<path>. */
export interface PrivacyPage {
  group: Group;
  icon: ReactNode;
  title: Key;
  text: Key;
  path?: string;
  Page?: ComponentType;
  /** Where it is, when it is elsewhere in the app. */
  to?: string;
  /** Where it is, when the server itself writes the page. */
  href?: string;
}

export const PAGES: PrivacyPage[] = [
  {
    group: "see",
    icon: <Database size={20} aria-hidden />,
    title: "privacyData",
    text: "privacyDataText",
    path: "data",
    Page: DataKept,
  },
  {
    group: "see",
    icon: <Eye size={20} aria-hidden />,
    title: "looks",
    text: "looksText",
    path: "looks",
    Page: Looks,
  },
  {
    group: "see",
    icon: <Landmark size={20} aria-hidden />,
    title: "court",
    text: "courtText",
    path: "court",
    Page: Court,
  },
  {
    group: "see",
    icon: <Timer size={20} aria-hidden />,
    title: "retention",
    text: "retentionText",
    path: "retention",
    Page: RetentionPage,
  },
  {
    group: "see",
    icon: <ScrollText size={20} aria-hidden />,
    title: "logTitle",
    text: "logText",
    to: "/privacy/log",
  },
  {
    group: "see",
    icon: <Award size={20} aria-hidden />,
    title: "scorecard",
    text: "scorecardText",
    href: "/privacy/scorecard",
  },
  {
    group: "decide",
    icon: <ToggleRight size={20} aria-hidden />,
    title: "consents",
    text: "consentsText",
    path: "consents",
    Page: Consents,
  },
  {
    group: "decide",
    icon: <FileText size={20} aria-hidden />,
    title: "policy",
    text: "policyText",
    path: "policy",
    Page: Policy,
  },
  {
    group: "decide",
    icon: <Smartphone size={20} aria-hidden />,
    title: "devices",
    text: "privacyDevicesText",
    to: "/me/devices",
  },
  {
    group: "take",
    icon: <Trash2 size={20} aria-hidden />,
    title: "erase",
    text: "eraseText",
    path: "erase",
    Page: Erase,
  },
  {
    group: "take",
    icon: <PackageOpen size={20} aria-hidden />,
    title: "takeAway",
    text: "takeAwayText",
    path: "export",
    Page: Export,
  },
  {
    group: "take",
    icon: <FolderInput size={20} aria-hidden />,
    title: "bringAlong",
    text: "bringAlongText",
    path: "import",
    Page: Import,
  },
];

/** @param props.path what stands after /me/privacy/ in the address. */
export function PrivacyRoute({ path }: { path: string | undefined }) {
  const t = useT();
  if (!path) return <Overview pages={PAGES} />;
  const Found = PAGES.find((page) => page.path === path)?.Page;
  if (Found) return <Found />;
  return (
    <Page title="" back={{ to: "/me/privacy", label: t("back") }}>
      <State title={t("notFound")}>{t("notFoundText")}</State>
    </Page>
  );
}
