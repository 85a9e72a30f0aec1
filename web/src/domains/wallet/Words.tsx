import { useId } from "react";
import styles from "./pages.module.css";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  max: number;
}

/** Some sentences. */
export function Words({ label, value, onChange, max }: Props) {
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
