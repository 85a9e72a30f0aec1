import { useId, type ReactNode } from "react";
import styles from "./pages.module.css";

interface Props<T extends string> {
  label: string;
  options: readonly { value: T; label: string }[];
  value: T;
  onChange: (value: T) => void;
}

/** One of a few words, as the device shows such a list. */
export function Choice<T extends string>({ label, options, value, onChange }: Props<T>) {
  const id = useId();
  return (
    <div className={styles.choice}>
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.target.value as T)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}

interface WordsProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  max: number;
}

/** Some sentences. */
export function Words({ label, value, onChange, max }: WordsProps) {
  const id = useId();
  return (
    <div className={styles.choice}>
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        value={value}
        maxLength={max}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

/** Where something stands, in a word. */
export function Standing({ isBad = false, children }: { isBad?: boolean; children: ReactNode }) {
  return (
    <span className={`${styles.state ?? ""} ${isBad ? (styles.stateBad ?? "") : ""}`}>{children}</span>
  );
}
