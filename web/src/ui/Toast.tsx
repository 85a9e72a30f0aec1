import { useEffect, useSyncExternalStore } from "react";
import styles from "./ui.module.css";

const SHOWN_MS = 3500;
// To read it, to think, and to reach the button: WCAG has no number; Material has ten seconds at most.
const UNDO_SHOWN_MS = 8000;

interface Shown {
  text: string;
  action?: ToastAction;
}

interface ToastAction {
  label: string;
  run: () => void;
}

let shown: Shown = { text: "" };
const watchers = new Set<() => void>();

/** Say something in passing that needs no answer; it may offer to take back what was done. */
export function toast(text: string, action?: ToastAction): void {
  shown = { text, ...(action ? { action } : {}) };
  for (const tell of watchers) tell();
}

function watch(tell: () => void): () => void {
  watchers.add(tell);
  return () => watchers.delete(tell);
}

export function Toasts() {
  const now = useSyncExternalStore(watch, () => shown);
  const { text, action } = now;
  useEffect(() => {
    if (!now.text) return;
    const timer = setTimeout(() => toast(""), now.action ? UNDO_SHOWN_MS : SHOWN_MS);
    return () => clearTimeout(timer);
  }, [now]);
  const run = () => {
    toast("");
    action?.run();
  };
  return (
    <div className={styles.toast} role="status">
      {text ? (
        <div className={styles.toastText}>
          <p>{text}</p>
          {action ? (
            <button type="button" className={styles.toastAction} onClick={run}>
              {action.label}
            </button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
