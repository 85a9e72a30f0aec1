import { ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import styles from "./ui.module.css";

interface Props {
  title: ReactNode;
  back?: { to: string; label: string };
  actions?: ReactNode;
  children: ReactNode;
  /** Whether the children scroll by themselves and use the whole width. */
  isBare?: boolean;
}

export function Page({ title, back, actions, children, isBare = false }: Props) {
  return (
    <section className={styles.page}>
      <header className={`${styles.pageHead ?? ""} ${back ? (styles.pageHeadBack ?? "") : ""}`}>
        {back ? (
          <Link to={back.to} className={styles.iconButton} aria-label={back.label}>
            <ChevronLeft size={24} />
          </Link>
        ) : null}
        {title ? <h1 className={styles.pageTitle}>{title}</h1> : <span className={styles.pageTitle} />}
        {actions}
      </header>
      {isBare ? (
        children
      ) : (
        // A page of nothing but text must scroll by keyboard too.
        <div className={styles.pageBody} tabIndex={0}>
          <div className={styles.column}>{children}</div>
        </div>
      )}
    </section>
  );
}

/** A card of rows, with a heading above it. */
export function Card({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <div>
      {title ? <h2 className={styles.cardTitle}>{title}</h2> : null}
      <div className={styles.card}>{children}</div>
    </div>
  );
}

interface RowProps {
  icon?: ReactNode;
  title: ReactNode;
  sub?: ReactNode;
  end?: ReactNode;
  to?: string;
  onClick?: () => void;
}

export function Row({ icon, title, sub, end, to, onClick }: RowProps) {
  const inside = (
    <>
      {icon ? <span className={styles.rowIcon}>{icon}</span> : null}
      <span className={styles.rowText}>
        <span className={styles.rowTitle}>{title}</span>
        {sub ? <div className={styles.rowSub}>{sub}</div> : null}
      </span>
      {end !== undefined ? <span className={styles.rowEnd}>{end}</span> : null}
    </>
  );
  if (to !== undefined) {
    return (
      <Link to={to} className={styles.row}>
        {inside}
        <ChevronRight size={18} className={styles.rowGoes} aria-hidden />
      </Link>
    );
  }
  if (onClick) {
    return (
      <button type="button" className={styles.row} onClick={onClick}>
        {inside}
      </button>
    );
  }
  return <div className={styles.row}>{inside}</div>;
}
