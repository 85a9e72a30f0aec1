import { useEffect, useSyncExternalStore } from "react";
import styles from "./ui.module.css";

const SHOWN_MS = 3500;

let shown = "";
const watchers = new Set<() => void>();

/** Say something in passing that needs no answer. */
export function toast(text: string): void {
  shown = text;
  for (const tell of watchers) tell();
}

function watch(tell: () => void): () => void {
  watchers.add(tell);
  return () => watchers.delete(tell);
}

export function Toasts() {
  const text = useSyncExternalStore(watch, () => shown);
  useEffect(() => {
    if (!text) return;
    const timer = setTimeout(() => toast(""), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div className={styles.toast} role="status">
      {text ? <p className={styles.toastText}>{text}</p> : null}
    </div>
  );
}
