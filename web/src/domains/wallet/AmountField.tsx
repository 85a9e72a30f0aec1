import { useId } from "react";
import { useT } from "@/lib/language";
import styles from "./wallet.module.css";

interface Props {
  value: string;
  onChange: (value: string) => void;
  currency: string;
  currencies: readonly string[];
  onCurrency: (currency: string) => void;
  autoFocus?: boolean;
}

/** A large amount, as one types it. */
export function AmountField({ value, onChange, currency, currencies, onCurrency, autoFocus }: Props) {
  const t = useT();
  const id = useId();
  return (
    <div className={styles.amountField}>
      <label htmlFor={id}>{t("amount")}</label>
      <div className={styles.amountLine}>
        {currencies.length > 1 ? (
          <select
            aria-label={t("currency")}
            value={currency}
            onChange={(event) => onCurrency(event.target.value)}
          >
            {currencies.map((code) => (
              <option key={code}>{code}</option>
            ))}
          </select>
        ) : (
          <span>{currency}</span>
        )}
        <input
          id={id}
          inputMode="decimal"
          autoComplete="off"
          placeholder="0"
          value={value}
          autoFocus={autoFocus}
          onChange={(event) => onChange(event.target.value)}
        />
      </div>
    </div>
  );
}
