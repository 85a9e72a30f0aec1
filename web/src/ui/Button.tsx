import type { ButtonHTMLAttributes, ReactNode } from "react";
import styles from "./ui.module.css";

type Look = "primary" | "quiet" | "plain" | "danger";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  wide?: boolean;
  /** Something is under way that the button started: it can't be pressed again until then. */
  busy?: boolean;
}

export function Button({ look = "primary", wide, busy, disabled, children, ...rest }: Props) {
  const names = [styles.button, styles[look], wide && styles.wide].filter(Boolean).join(" ");
  return (
    <button
      type="button"
      className={names}
      disabled={(disabled ?? false) || busy}
      aria-busy={busy}
      {...rest}
    >
      {children}
    </button>
  );
}

interface IconProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** What a screen reader says, and what a mouse shows. */
  label: string;
  children: ReactNode;
}

export function IconButton({ label, children, className, ...rest }: IconProps) {
  return (
    <button
      type="button"
      className={[styles.iconButton, className].filter(Boolean).join(" ")}
      aria-label={label}
      title={label}
      {...rest}
    >
      {children}
    </button>
  );
}
