/** A mini-program in its frame, and the questions it may lead to. */

import { Info } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { Link } from "wouter";
import { newKey } from "@/lib/api";
import { useLanguage } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { saveText } from "@/lib/saving";
import { currentSettings } from "@/lib/settings";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Page } from "@/ui/Page";
import { Loading, State } from "@/ui/State";
import ui from "@/ui/ui.module.css";
import { useLoaded } from "@/ui/loading";
import * as api from "./api";
import { inWords, type Grant, type Permission, type Program } from "./api";
import { WidgetHost, type Duties, type PaymentWish, type RoomBridge } from "./host";
import { noteUse } from "./recent";
import { makeRoomBridge } from "./room";
import { usePaymentForms } from "./slots";
import styles from "./miniprograms.module.css";

interface Asked {
  permission: Permission;
  answer: (isAllowed: boolean) => void;
}
interface AskedPayment {
  wish: PaymentWish;
  answer: (paymentId: string | undefined) => void;
}

const load = () => Promise.all([api.fetchPrograms(), api.fetchGrants()]);

export function ProgramPage({ programId, roomId = "" }: { programId: string; roomId?: string }) {
  const { t } = useLanguage();
  const client = useClient();
  const { value, trouble } = useLoaded(load);
  const room = roomId ? client.getRoom(roomId) : null;
  const isJoined = room?.getMyMembership() === "join";
  const bridge = useMemo(
    () => (room && isJoined ? makeRoomBridge(client, room) : undefined),
    [client, room, isJoined],
  );
  const back = { to: roomId ? `/chats/${encodeURIComponent(roomId)}` : "/discover", label: t("close") };
  const program = value?.[0].find((one) => one.program_id === programId);
  const empty = (inside: ReactNode) => (
    <Page title="" back={back} isBare>
      {inside}
    </Page>
  );
  if (trouble && !value) return empty(<State title={tellTrouble(t, trouble)} />);
  if (!value) return empty(<Loading label={t("loading")} />);
  if (!program) return empty(<State title={t("notFound")}>{t("notFoundText")}</State>);
  if (program.opens === "room" && !bridge) {
    return empty(<State title={t("miniNeedsChat")}>{t("miniNeedsChatText")}</State>);
  }
  return <Frame program={program} grants={value[1]} room={bridge} back={back} />;
}

interface FrameProps {
  program: Program;
  grants: Grant[];
  room: RoomBridge | undefined;
  back: { to: string; label: string };
}

function Frame({ program, grants, room, back }: FrameProps) {
  const { t, tag } = useLanguage();
  const frame = useRef<HTMLIFrameElement>(null);
  const loads = useRef(0);
  const [asked, setAsked] = useState<Asked>();
  const [payment, setPayment] = useState<AskedPayment>();
  const [hasLeft, setHasLeft] = useState(false);
  const [widgetId] = useState(newKey);
  const name = inWords(program.name, tag);
  const duties = useDuties({ program, grants, room, setAsked, setPayment });
  useEffect(() => noteUse(program.program_id), [program.program_id]);
  useEffect(() => {
    if (hasLeft) return;
    const host = new WidgetHost({
      program,
      widgetId,
      frame: () => frame.current?.contentWindow ?? null,
      duties,
      room,
    });
    host.start();
    return () => host.stop();
  }, [program, widgetId, duties, room, hasLeft]);
  const [src] = useState(() => makeAddress(program, { widgetId, tag, roomId: room?.roomId ?? "" }));
  const onLoad = () => {
    loads.current += 1;
    // It shows another page now, which nobody let speak for the program.
    if (loads.current > 1) setHasLeft(true);
  };
  return (
    <Page
      title={name}
      back={back}
      isBare
      actions={
        <Link
          to={`/discover/about/${encodeURIComponent(program.program_id)}`}
          className={ui.iconButton}
          aria-label={t("miniAbout")}
        >
          <Info size={22} />
        </Link>
      }
    >
      {hasLeft ? (
        <State title={t("miniLeft")}>{t("miniLeftText")}</State>
      ) : (
        <iframe
          ref={frame}
          className={styles.frame}
          title={name}
          src={src}
          sandbox="allow-scripts allow-forms"
          allow=""
          referrerPolicy="no-referrer"
          onLoad={onLoad}
        />
      )}
      {asked ? <Question program={program} asked={asked} /> : null}
      {payment ? <Payment program={program} asked={payment} room={room} /> : null}
    </Page>
  );
}

interface Opened {
  widgetId: string;
  tag: string;
  roomId: string;
}

function makeAddress(program: Program, { widgetId, tag, roomId }: Opened): string {
  const { theme } = currentSettings();
  const words = new URLSearchParams({
    widgetId,
    parentUrl: location.origin,
    clientLanguage: tag,
    ...(theme === "auto" ? {} : { clientTheme: theme }),
    ...(roomId ? { roomId } : {}),
  });
  return `${program.entry_path}?${words.toString()}`;
}

interface DutiesProps extends Omit<FrameProps, "back"> {
  setAsked: (asked: Asked | undefined) => void;
  setPayment: (asked: AskedPayment | undefined) => void;
}

function useDuties({ program, grants, room, setAsked, setPayment }: DutiesProps): Duties {
  const { t } = useLanguage();
  const id = program.program_id;
  // One question at a time, and each only once: what was answered is known from then on.
  const answers = useRef(new Map<Permission, Promise<boolean>>());
  const last = useRef<Promise<unknown>>(Promise.resolve());
  const allows = useCallback(
    (permission: Permission) => {
      const roomId = permission === "room" ? (room?.roomId ?? "") : "";
      const known = answers.current.get(permission);
      if (known) return known;
      const kept = grants.find(
        (one) =>
          one.program_id === id && one.permission === permission && one.room_id === roomId,
      );
      const askMember = () =>
        new Promise<boolean>((resolve) => {
          setAsked({ permission, answer: resolve });
        });
      const decideNow = async () => {
        const isAllowed = await askMember();
        setAsked(undefined);
        await api.decide(id, { permission, is_allowed: isAllowed, room_id: roomId });
        return isAllowed;
      };
      const answer = kept ? Promise.resolve(kept.is_allowed) : last.current.then(decideNow);
      if (!kept) last.current = answer.catch(() => undefined);
      answers.current.set(permission, answer);
      answer.catch(() => answers.current.delete(permission));
      return answer;
    },
    [grants, id, room, setAsked],
  );
  return useMemo(
    () => ({
      allows,
      pay: async (wish) => {
        const paymentId = await new Promise<string | undefined>((resolve) => {
          setPayment({ wish, answer: resolve });
        });
        setPayment(undefined);
        return paymentId;
      },
      signResult: (paymentId) => api.signResult(id, paymentId),
      whoAmI: () => api.whoAmI(id),
      listShops: api.fetchMenuShops,
      readMenu: api.fetchMenu,
      placeOrder: (shop, order, key) =>
        api.placeOrder(shop, { ...order, program_id: id }, `${id}-${key}`),
      listOrders: () => api.fetchOrders(id),
      cancelOrder: async (order) => {
        const { program_id } = await api.fetchOrder(order);
        if (program_id !== id) throw new Error(t("notFound"));
        return api.cancelOrder(order);
      },
      saveFile: (name, text) => saveText(text, name),
    }),
    [allows, id, setPayment, t],
  );
}

/** Yes and no look alike: neither is the one the house would rather have. */
function Question({ program, asked }: { program: Program; asked: Asked }) {
  const { t, tag } = useLanguage();
  const name = inWords(program.name, tag);
  return (
    <Dialog
      title={t("miniAsks", { name })}
      closeLabel={t("miniDeny")}
      onClose={() => asked.answer(false)}
    >
      <p>
        <strong>{t(`mini_${asked.permission}`)}</strong>
      </p>
      <p>{t(`mini_${asked.permission}Text`)}</p>
      <p>{t("miniAsksLater")}</p>
      <div className={styles.pair}>
        <Button look="quiet" onClick={() => asked.answer(false)}>
          {t("miniDeny")}
        </Button>
        <Button look="quiet" onClick={() => asked.answer(true)}>
          {t("miniAllow")}
        </Button>
      </div>
    </Dialog>
  );
}

interface PaymentProps {
  program: Program;
  asked: AskedPayment;
  room: RoomBridge | undefined;
}

function Payment({ program, asked, room }: PaymentProps) {
  const { t, tag } = useLanguage();
  const client = useClient();
  const { Charge, Transfer } = usePaymentForms();
  const { wish, answer } = asked;
  const nameOf = (userId: string) =>
    client.getRoom(room?.roomId)?.getMember(userId)?.rawDisplayName ?? userId;
  return (
    <Dialog
      title={t("miniPays", { name: inWords(program.name, tag) })}
      closeLabel={t("cancel")}
      onClose={() => answer(undefined)}
    >
      {"charge" in wish ? (
        <Charge code={wish.charge} onPaid={answer} />
      ) : (
        <Transfer {...wish} name={nameOf(wish.payee)} roomId={room?.roomId ?? ""} onPaid={answer} />
      )}
      <Button look="quiet" wide onClick={() => answer(undefined)}>
        {t("cancel")}
      </Button>
    </Dialog>
  );
}
