import { Copy, Map as MapIcon, MapPin, Navigation } from "lucide-react";
import type { MatrixEvent, Room } from "matrix-js-sdk";
import { useState } from "react";
import { useLanguage, type Key } from "@/lib/language";
import { useSettings } from "@/lib/settings";
import { tellTrouble } from "@/lib/trouble";
import { toast } from "@/ui/Toast";
import { Meta } from "../Message";
import { nameOfMember } from "../naming";
import chat from "../chat.module.css";
import { formatDistance, formatPlace, measureWay, readPlace, writeGeo, type Place } from "./geo";
import { findPlace, NoPlace } from "./place";
import styles from "./location.module.css";

interface Props {
  event: MatrixEvent;
  room: Room;
  isOwn: boolean;
}

/** A place in words and numbers: a map would tell whoever draws it who looks where. */
export function PlaceBubble({ event, room, isOwn }: Props) {
  const { t, tag } = useLanguage();
  const { place, note } = readPlace(event.getContent());
  const meta = <Meta event={event} room={room} isOwn={isOwn} />;
  if (!place) {
    return (
      <div className={`${chat.bubble ?? ""} ${chat.bubbleMuted ?? ""}`}>
        {t("unknownEvent")}
        {meta}
      </div>
    );
  }
  const name = nameOfMember(room, event.getSender() ?? "");
  return (
    <div className={`${chat.bubble ?? ""} ${styles.place ?? ""}`}>
      <div className={styles.found}>
        <MapPin size={22} aria-hidden />
        <p>
          <strong>{note || t("placeTapped", { name })}</strong>
          <span>{formatPlace(place)}</span>
          {place.accuracy === undefined ? null : (
            <span>{t("placeAccuracy", { distance: formatDistance(place.accuracy, tag) })}</span>
          )}
        </p>
      </div>
      <Deeds place={place} isOwn={isOwn} />
      <div className={styles.foot}>{meta}</div>
    </div>
  );
}

function Deeds({ place, isOwn }: { place: Place; isOwn: boolean }) {
  const { t, tag } = useLanguage();
  const { shareLocation } = useSettings();
  const [way, setWay] = useState<string>();
  const copy = () => {
    void navigator.clipboard
      .writeText(`${place.latitude}, ${place.longitude}`)
      .then(() => toast(t("copied")));
  };
  const measure = async () => {
    try {
      const { metres, direction } = measureWay(await findPlace(), place);
      const distance = formatDistance(metres, tag);
      setWay(
        direction
          ? t("placeAway", { distance, direction: t(`direction${direction}` as Key) })
          : t("placeHere"),
      );
    } catch (error) {
      toast(error instanceof NoPlace ? t(error.told) : tellTrouble(t, error));
    }
  };
  return (
    <>
      <div className={styles.deeds}>
        <a href={writeGeo(place)}>
          <MapIcon size={16} aria-hidden /> {t("placeOpen")}
        </a>
        <button type="button" onClick={copy}>
          <Copy size={16} aria-hidden /> {t("placeCopy")}
        </button>
        {shareLocation && !isOwn && !way ? (
          <button type="button" onClick={() => void measure()}>
            <Navigation size={16} aria-hidden /> {t("placeFar")}
          </button>
        ) : null}
      </div>
      <p role="status" className={styles.way}>
        {way}
      </p>
    </>
  );
}
