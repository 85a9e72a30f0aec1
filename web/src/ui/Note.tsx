import type { ReactNode } from "react";
import styles from "./ui.module.css";

interface Props {
  kind?: "plain" | "bad" | "warn";
  icon?: ReactNode;
  children: ReactNode;
  action?: ReactNode;
}

/** A few lines that matter where they stand. Bad news is told to screen readers at once. */
export function Note({ kind = "plain", icon, children, action }: Props) {
  const look = { plain: "", bad: styles.noteBad, warn: styles.noteWarn }[kind] ?? "";
  return (
    <div className={`${styles.note ?? ""} ${look}`} role={kind === "bad" ? "alert" : undefined}>
      {icon}
      <div className={styles.noteText}>{children}</div>
      {action}
    </div>
  );
}
