import { useT } from "@/lib/language";
import { RULES, type Rule } from "./api";

export type Reason = Rule;

/** The rules that houses and groups have in common, in the member's language. */
export function useReasons(): { value: Rule; label: string }[] {
  const t = useT();
  return RULES.map((value) => ({ value, label: t(`rule_${value}`) }));
}
