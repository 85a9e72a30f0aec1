import type { ReactNode } from "react";
import styles from "./ui.module.css";

interface Props {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** What stands where there is nothing yet, or where something went wrong. */
export function State({ icon, title, children, action }: Props) {
  return (
    <div className={styles.state}>
      {icon ? <div className={styles.stateIcon}>{icon}</div> : null}
      <h2 className={styles.stateTitle}>{title}</h2>
      {children ? <div className={styles.stateText}>{children}</div> : null}
      {action}
    </div>
  );
}

export function Loading({ label }: { label: string }) {
  return (
    <div className={styles.state} role="status">
      <div className={styles.spinner} />
      <p>{label}</p>
    </div>
  );
}
