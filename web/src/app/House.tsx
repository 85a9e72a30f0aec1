import { ClientEvent, SyncState } from "matrix-js-sdk";
import { Compass, Hash, MessageCircle } from "lucide-react";
import { useCallback, useEffect, type ReactNode } from "react";
import { Redirect, useLocation } from "wouter";
import { Appearance, Me } from "@/domains/accounts/Me";
import { Devices } from "@/domains/accounts/Devices";
import { MyCode } from "@/domains/accounts/MyCode";
import { Profile } from "@/domains/accounts/Profile";
import { SecurityPage } from "@/domains/accounts/SecurityPage";
import { startBackground } from "@/domains/chat/background";
import { ChatInfo } from "@/domains/chat/ChatInfo";
import { ArchivedChats, ChatList } from "@/domains/chat/ChatList";
import { ChatRoom } from "@/domains/chat/ChatRoom";
import { countUnread, useChats, type ChatRow } from "@/domains/chat/chats";
import { ContactPage, Contacts } from "@/domains/chat/Contacts";
import { OwnerLog } from "@/domains/chat/groups/OwnerLog";
import { RoomDoor } from "@/domains/chat/groups/RoomDoor";
import { PublicRooms } from "@/domains/chat/PublicRooms";
import { Blocked } from "@/domains/chat/safety/Blocked";
import { ReportsPage } from "@/domains/chat/safety/ReportsPage";
import { SafetyRows } from "@/domains/chat/safety/SafetyRows";
import { makeProgramPages } from "@/domains/miniprograms/pages";
import { ProgramList } from "@/domains/miniprograms/Programs";
import { OrdersRow } from "@/domains/miniprograms/ShopOrders";
import { PrivacyRoute } from "@/domains/privacy/pages";
import { StaffRoute, StaffRow } from "@/domains/staff/pages";
import { SearchPage } from "@/domains/chat/search/SearchPage";
import { PayCode } from "@/domains/wallet/PayCode";
import { PayPageSignedIn } from "@/domains/wallet/PayCharge";
import { makeWalletPages } from "@/domains/wallet/pages";
import { Scan } from "@/domains/wallet/Scan";
import { Shops, Till } from "@/domains/wallet/Till";
import { HistoryPage, Wallet, WalletRow } from "@/domains/wallet/Wallet";
import { useT } from "@/lib/language";
import { useClient, useNews } from "@/lib/matrix/context";
import { stepTo, useShortcuts, type Deed } from "@/lib/shortcuts";
import { Card, Page, Row } from "@/ui/Page";
import { State } from "@/ui/State";
import { PayButton } from "./PayButton";
import { Shell } from "./Shell";
import { ShortcutsPage } from "./ShortcutsPage";

/** The four tabs and their pages, by the path. */
export function House({ banner }: { banner: ReactNode }) {
  const t = useT();
  const client = useClient();
  useNews(client, [ClientEvent.Sync]);
  useEffect(() => startBackground(client), [client]);
  const rows = useChats();
  const unread = countUnread(rows);
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) ${t("teahouse")}` : t("teahouse");
  }, [unread, t]);
  const [path, go] = useLocation();
  const run = useCallback(
    (deed: Deed) => {
      if (deed === "help") go("/me/shortcuts");
      else if (deed === "search") {
        go("/chats");
        // The list is there with the next drawing, or was there before.
        requestAnimationFrame(() => document.querySelector<HTMLElement>("[data-search]")?.focus());
      } else {
        const current = /^\/chats\/([^/]+)/.exec(path)?.[1];
        const listed = rows.filter((row) => !row.isArchived).map((row) => row.roomId);
        const next = stepTo(listed, current && decode(current), deed === "before" ? -1 : 1);
        if (next) go(`/chats/${encodeURIComponent(next)}`);
      }
    },
    [go, path, rows],
  );
  useShortcuts(run);
  const [tab = "", ...parts] = path.slice(1).split("/").map(decode);
  if (tab === "to") return <Redirect to={readDoor(parts[0] ?? "")} />;
  if (tab === "pay") return <PayPageSignedIn code={parts[0] ?? ""} onClose={() => go("/me/wallet")} />;
  if (tab === "till") return <Till shopId={parts[0] ?? ""} more={<OrdersRow shopId={parts[0] ?? ""} />} />;
  if (!["chats", "contacts", "discover", "me"].includes(tab)) return <Redirect to="/chats" />;
  const lists: Record<string, ReactNode> = {
    chats: <ChatList rows={rows} banner={banner} />,
    contacts: <Contacts />,
    discover: <Discover />,
    me: (
      <Me>
        <WalletRow />
        <StaffRow />
        <SafetyRows />
      </Me>
    ),
  };
  const state = client.getSyncState();
  return (
    <Shell
      list={lists[tab]}
      detail={<Detail tab={tab} parts={parts} rows={rows} />}
      hasDetail={parts.length > 0 && parts[0] !== ""}
      unread={unread}
      isOffline={state === SyncState.Error || state === SyncState.Reconnecting}
    />
  );
}

/** Where a link of this house leads: to a member's page, or to the door of a group. */
function readDoor(id: string): string {
  const named = id || decode(location.hash.replace(/^#\/?/, ""));
  const encoded = encodeURIComponent(named);
  return named.startsWith("!") ? `/chats/${encoded}/door` : `/contacts/${encoded}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

interface DetailProps {
  tab: string;
  parts: string[];
  rows: ChatRow[];
}

function Detail({ tab, parts, rows }: DetailProps) {
  const t = useT();
  const [first = "", second] = parts;
  if (!first) {
    return (
      <Page title="" isBare>
        <State
          icon={tab === "chats" ? <MessageCircle size={28} /> : <Compass size={28} />}
          title={tab === "chats" ? t("chooseChat") : t("teahouse")}
        >
          {tab === "chats" ? t("chooseChatText") : t("slogan")}
        </State>
      </Page>
    );
  }
  if (tab === "chats") return <ChatDetail parts={parts} rows={rows} />;
  if (tab === "contacts") return <ContactPage key={first} userId={first} more={<PayButton userId={first} />} />;
  const pages: Record<string, ReactNode> = {
    "me/profile": <Profile />,
    "me/security": <SecurityPage />,
    "me/devices": <Devices />,
    "me/appearance": <Appearance />,
    "me/code": <MyCode />,
    "me/privacy": <PrivacyRoute path={second} />,
    "me/staff": <StaffRoute path={second} />,
    "me/wallet": <Wallet />,
    "me/history": <HistoryPage />,
    "me/scan": <Scan />,
    "me/pay-code": <PayCode />,
    "me/reports": <ReportsPage />,
    "me/blocked": <Blocked />,
    "me/shops": <Shops />,
    "me/shortcuts": <ShortcutsPage />,
    ...makeWalletPages(second),
    ...makeProgramPages(parts),
    "discover/rooms": <PublicRooms />,
  };
  return (
    pages[`${tab}/${first}`] ?? (
      <Page title="" back={{ to: `/${tab}`, label: t("back") }}>
        <State title={t("notFound")}>{t("notFoundText")}</State>
      </Page>
    )
  );
}

function ChatDetail({ parts, rows }: { parts: string[]; rows: ChatRow[] }) {
  const [first = "", second] = parts;
  if (second === "info") return <ChatInfo roomId={first} />;
  if (second === "log") return <OwnerLog key={first} roomId={first} />;
  if (second === "door") return <RoomDoor key={first} roomId={first} />;
  if (second === "search") return <SearchPage key={first} roomId={first} />;
  if (first === "archived") return <ArchivedChats rows={rows} />;
  if (first === "search") return <SearchPage key={second ?? ""} wanted={second ?? ""} />;
  return <ChatRoom roomId={first} side={parts.slice(1)} />;
}

function Discover() {
  const t = useT();
  return (
    <Page title={t("discover")}>
      <p>{t("discoverText")}</p>
      <Card>
        <Row
          icon={<Hash size={20} />}
          title={t("publicRooms")}
          sub={t("publicRoomsText")}
          to="/discover/rooms"
        />
      </Card>
      <ProgramList />
    </Page>
  );
}
