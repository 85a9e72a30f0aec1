import { useT } from "@/lib/language";
import { Field } from "@/ui/Field";

/** A one-time code, or one of those that were kept for when the app is lost. */
export function CodeField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useT();
  return (
    <Field
      label={t("code")}
      hint={t("codeHint")}
      value={value}
      onChange={onChange}
      autoComplete="one-time-code"
      autoCapitalize="none"
      spellCheck={false}
      maxLength={64}
      autoFocus
      required
    />
  );
}
