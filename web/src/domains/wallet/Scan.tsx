import { useEffect, useRef, useState, type SyntheticEvent } from "react";
import { useLocation } from "wouter";
import { useLanguage } from "@/lib/language";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Page } from "@/ui/Page";
import { scan } from "./api";
import { PayShop } from "./PayCharge";
import { tellWalletTrouble } from "./trouble";
import type { Scanned } from "./types";
import styles from "./wallet.module.css";

/** Where a code leads within this app; nothing for codes that the server must read. */
export function readOwnLink(text: string, origin: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    return undefined;
  }
  return url.origin === origin && /^\/(to|pay)\/[^/]+$/.test(url.pathname) ? url.pathname : undefined;
}

export function Scan() {
  const { t, tag } = useLanguage();
  const [, go] = useLocation();
  const [typed, setTyped] = useState("");
  const [trouble, setTrouble] = useState<string>();
  const [found, setFound] = useState<{ scanned: Scanned; text: string }>();

  const read = async (text: string) => {
    const path = readOwnLink(text, location.origin);
    if (path) {
      go(path);
      return;
    }
    try {
      setFound({ scanned: await scan(text.trim()), text });
    } catch (error) {
      setTrouble(tellWalletTrouble(t, tag, error));
    }
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTrouble(undefined);
    void read(typed);
  };
  return (
    <Page title={t("scan")} back={{ to: "/me", label: t("back") }}>
      {found ? (
        <PayShop scanned={found.scanned} text={found.text} onClose={() => setFound(undefined)} />
      ) : (
        <>
          <p>{t("scanText")}</p>
          <Viewfinder onText={read} />
          {trouble ? <Note kind="bad">{trouble}</Note> : null}
          <form className={styles.form} onSubmit={submit}>
            <Field label={t("scanType")} value={typed} onChange={setTyped} autoComplete="off" />
            <Button type="submit" look="quiet" disabled={!typed.trim()}>
              {t("continue")}
            </Button>
          </form>
        </>
      )}
    </Page>
  );
}

// Often enough to feel at once, seldom enough for a small phone.
const LOOK_EVERY_MS = 250;

function Viewfinder({ onText }: { onText: (text: string) => Promise<void> }) {
  const { t } = useLanguage();
  const video = useRef<HTMLVideoElement>(null);
  const handle = useRef(onText);
  const [isBlind, setIsBlind] = useState(false);
  useEffect(() => {
    handle.current = onText;
  }, [onText]);
  useEffect(() => {
    let isWanted = true;
    let stream: MediaStream | undefined;
    let last = "";
    const look = async () => {
      const [{ QRCanvas }, camera] = await Promise.all([import("qr/dom.js"), openCamera()]);
      stream = camera;
      const canvas = new QRCanvas();
      while (isWanted && video.current) {
        video.current.srcObject ??= camera;
        const { videoWidth, videoHeight } = video.current;
        const text = videoWidth
          ? canvas.drawImage(video.current, videoHeight, videoWidth)
          : undefined;
        if (typeof text === "string" && text !== last) {
          last = text;
          await handle.current(text);
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    };
    look().catch(() => {
      if (isWanted) setIsBlind(true);
    });
    return () => {
      isWanted = false;
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, []);
  if (isBlind) return <Note kind="warn">{t("scanNoCamera")}</Note>;
  return <video ref={video} className={styles.video} muted playsInline autoPlay aria-label={t("scanText")} />;
}

function openCamera(): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
}
