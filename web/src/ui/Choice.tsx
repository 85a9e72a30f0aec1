import { useId } from "react";
import styles from "./ui.module.css";

interface Props<T extends string> {
  label: string;
  options: readonly { value: T; label: string }[];
  value: T;
  onChange: (value: T) => void;
  hint?: string;
}

/** One of a few, by the device's own list. */
export function Choice<T extends string>({ label, options, value, onChange, hint }: Props<T>) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label className={styles.fieldLabel} htmlFor={id}>
        {label}
      </label>
      <select
        id={id}
        className={`${styles.input ?? ""} ${styles.select ?? ""}`}
        value={value}
        aria-describedby={hint ? `${id}-told` : undefined}
        onChange={(event) => onChange(event.target.value as T)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      {hint ? (
        <p id={`${id}-told`} className={styles.fieldHint}>
          {hint}
        </p>
      ) : null}
    </div>
  );
}
