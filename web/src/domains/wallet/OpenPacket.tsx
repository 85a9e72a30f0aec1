import type { Room } from "matrix-js-sdk";
import { useState } from "react";
import { newKey } from "@/lib/api";
import { useLanguage } from "@/lib/language";
import { formatMoney } from "@/lib/money";
import { formatClock } from "@/lib/time";
import { Dialog } from "@/ui/Dialog";
import { Note } from "@/ui/Note";
import { Card, Row } from "@/ui/Page";
import { Loading } from "@/ui/State";
import { claimPacket, fetchPacket } from "./api";
import { tellWalletTrouble } from "./trouble";
import type { PacketView } from "./types";
import { useWalletData } from "./wallets";
import styles from "./wallet.module.css";

interface Props {
  packetId: string;
  room: Room;
  onClose: () => void;
}

export function OpenPacket({ packetId, room, onClose }: Props) {
  const { t, tag } = useLanguage();
  const { value, reload } = useWalletData(() => fetchPacket(packetId), packetId);
  const [key] = useState(newKey);
  const [trouble, setTrouble] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const claim = async () => {
    setIsBusy(true);
    try {
      await claimPacket(packetId, key);
    } catch (error) {
      setTrouble(tellWalletTrouble(t, tag, error));
    }
    reload();
    setIsBusy(false);
  };
  if (!value) {
    return (
      <Dialog title={t("packet")} closeLabel={t("close")} onClose={onClose}>
        <Loading label={t("loading")} />
      </Dialog>
    );
  }
  const name = nameOf(room, value.sender) ?? t("somebody");
  const isMine = value.for_member === null || value.for_member === room.myUserId;
  const canClaim = value.status === "open" && value.mine === null && isMine;
  return (
    <Dialog title={t("packet")} closeLabel={t("close")} onClose={onClose}>
      {trouble ? <Note kind="bad">{trouble}</Note> : null}
      <div className={styles.opened}>
        <p>{t("packetFrom", { name })}</p>
        <strong>{value.greeting}</strong>
        {value.mine ? (
          <p className={styles.large}>{formatMoney(value.mine.amount, tag)}</p>
        ) : canClaim ? (
          <button
            type="button"
            className={styles.openButton}
            disabled={isBusy}
            onClick={() => void claim()}
          >
            {t("packetOpen")}
          </button>
        ) : (
          <p>{value.status === "open" ? t("packetNotYours") : t("packetOver")}</p>
        )}
      </div>
      <Shares packet={value} room={room} />
    </Dialog>
  );
}

function Shares({ packet, room }: { packet: PacketView; room: Room }) {
  const { t, tag } = useLanguage();
  const taken = packet.count - packet.left_count;
  if (packet.shares === null) return null;
  return (
    <>
      <p>{t("packetTaken", { taken, count: packet.count })}</p>
      {packet.shares.length > 0 ? (
        <Card>
          {packet.shares.map((share) => (
            <Row
              key={`${share.user_id ?? ""} ${share.claimed_at}`}
              title={nameOf(room, share.user_id) ?? t("somebody")}
              sub={share.is_best ? t("packetBest") : formatClock(share.claimed_at, tag)}
              end={formatMoney(share.amount, tag)}
            />
          ))}
        </Card>
      ) : null}
    </>
  );
}

function nameOf(room: Room, userId: string | null): string | undefined {
  return userId ? (room.getMember(userId)?.rawDisplayName ?? userId) : undefined;
}
