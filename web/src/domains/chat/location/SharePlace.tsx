import { MapPin } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { useState } from "react";
import { useLanguage } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, Switch } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { toast } from "@/ui/Toast";
import { placeIn, type ThreadPlace } from "../text/compose";
import { composePlace, formatDistance, formatPlace, roughen, type Place } from "./geo";
import { findPlace, NoPlace } from "./place";
import styles from "./location.module.css";

const NOTE_LENGTH_MAX = 200;

interface Props {
  room: Room;
  thread?: ThreadPlace | undefined;
  onClose: () => void;
}

/** Sends where one is, once, after one has seen it. */
export function SharePlace({ room, thread, onClose }: Props) {
  const { t, tag } = useLanguage();
  const client = useClient();
  const [found, setFound] = useState<Place>();
  const [isBusy, setIsBusy] = useState(false);
  const [isRough, setIsRough] = useState(false);
  const [note, setNote] = useState("");
  const [trouble, setTrouble] = useState<string>();
  const look = async () => {
    setIsBusy(true);
    setTrouble(undefined);
    try {
      setFound(await findPlace());
    } catch (error) {
      setTrouble(error instanceof NoPlace ? t(error.told) : tellTrouble(t, error));
    }
    setIsBusy(false);
  };
  const place = found && isRough ? roughen(found) : found;
  const send = (told: Place) => {
    const content = placeIn(thread, composePlace(told, note.trim(), t("place"), Date.now()));
    client
      .sendMessage(room.roomId, thread?.rootId ?? null, content as never)
      .catch((error: unknown) => toast(tellTrouble(t, error)));
    onClose();
  };
  return (
    <Dialog title={t("placeSend")} closeLabel={t("close")} onClose={onClose}>
      <p>{t("placeAsk")}</p>
      {trouble ? <Note kind="bad">{trouble}</Note> : null}
      {place ? (
        <>
          <div className={styles.found}>
            <MapPin size={22} aria-hidden />
            <p>
              <strong>{formatPlace(place)}</strong>
              {place.accuracy === undefined ? null : (
                <span>{t("placeAccuracy", { distance: formatDistance(place.accuracy, tag) })}</span>
              )}
            </p>
          </div>
          <div className={styles.switches}>
            <Switch label={t("placeRough")} isOn={isRough} onChange={setIsRough} />
          </div>
          <Field label={t("placeNote")} value={note} onChange={setNote} maxLength={NOTE_LENGTH_MAX} />
          <Button onClick={() => send(place)}>{t("send")}</Button>
        </>
      ) : (
        <Button busy={isBusy} onClick={() => void look()}>
          {isBusy ? t("placeFinding") : t("placeFind")}
        </Button>
      )}
    </Dialog>
  );
}
