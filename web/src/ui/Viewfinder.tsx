import { useEffect, useRef, useState } from "react";
import { bytesToText } from "@/lib/code";
import { Note } from "./Note";
import styles from "./ui.module.css";

// Often enough to feel at once, seldom enough for a small phone.
const LOOK_EVERY_MS = 250;

interface Props {
  label: string;
  /** Said where there is no camera, or none may be used. */
  blind: string;
  /** Told each code once, until another one is seen. */
  onText: (text: string) => Promise<void>;
  /** Whether codes hold bytes, not words: a letter for each, as `textToBytes` reads them. */
  isOfBytes?: boolean;
}

/** Looks for QR codes with the camera. */
export function Viewfinder({ label, blind, onText, isOfBytes = false }: Props) {
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
      const canvas = new QRCanvas({}, isOfBytes ? { textDecoder: bytesToText } : {});
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
      // It may have been closed while the camera was opened.
      camera.getTracks().forEach((track) => track.stop());
    };
    look().catch(() => {
      if (isWanted) setIsBlind(true);
    });
    return () => {
      isWanted = false;
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, [isOfBytes]);
  if (isBlind) return <Note kind="warn">{blind}</Note>;
  return <video ref={video} className={styles.viewfinder} muted playsInline autoPlay aria-label={label} />;
}

function openCamera(): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
}
