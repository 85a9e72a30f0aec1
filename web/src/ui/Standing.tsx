import type { ReactNode } from "react";
import styles from "./ui.module.css";

/** Where something stands, in a word. */
export function Standing({ isBad = false, children }: { isBad?: boolean; children: ReactNode }) {
  return (
    <span className={`${styles.standing ?? ""} ${isBad ? (styles.standingBad ?? "") : ""}`}>
      {children}
    </span>
  );
}
