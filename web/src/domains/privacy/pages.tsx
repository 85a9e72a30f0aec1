/** The pages below /me/privacy, and in which order the overview names them. */

import { Database, FolderInput, PackageOpen, Smartphone, Trash2 } from "lucide-react";
import type { ComponentType, ReactNode } from "react";
import { useT, type Key } from "@/lib/language";
import { Page } from "@/ui/Page";
import { State } from "@/ui/State";
import { DataKept } from "./DataKept";
import { Erase } from "./Erase";
import { Export } from "./Export";
import { Import } from "./Import";
import { Overview } from "./Overview";

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
