/** Which mini-programs were opened on this device lately. Nobody else is told. */

const KEPT_AS = "teahouse.miniprograms.recent";
const KEPT_MAX = 6;

export function recentPrograms(): string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEPT_AS) ?? "[]");
    return Array.isArray(found) ? found.filter((id): id is string => typeof id === "string") : [];
  } catch {
    return [];
  }
}

export function noteUse(id: string): void {
  const others = recentPrograms().filter((other) => other !== id);
  localStorage.setItem(KEPT_AS, JSON.stringify([id, ...others].slice(0, KEPT_MAX)));
}
