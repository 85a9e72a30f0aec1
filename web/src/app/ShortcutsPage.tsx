/** Which keys do what. */

import { useT, type Key } from "@/lib/language";
import { COMMAND } from "@/lib/shortcuts";
import { Card, Page } from "@/ui/Page";
import styles from "./shell.module.css";

type Line = [label: Key, ...keys: string[]];

const PARTS: { title: Key; lines: Line[] }[] = [
  {
    title: "keysAnywhere",
    lines: [
      ["keysSearch", COMMAND, "K"],
      ["keysBefore", "Alt", "↑"],
      ["keysAfter", "Alt", "↓"],
      ["keysHelp", COMMAND, "/"],
      ["keysClose", "Esc"],
    ],
  },
  {
    title: "keysWriting",
    lines: [
      ["keysSend", "Enter"],
      ["keysLine", "Shift", "Enter"],
      ["keysBold", COMMAND, "B"],
      ["keysItalic", COMMAND, "I"],
      ["keysUndo", COMMAND, "Z"],
    ],
  },
  {
    title: "keysList",
    lines: [["keysMenu", "Shift", "F10"]],
  },
];

export function ShortcutsPage() {
  const t = useT();
  return (
    <Page title={t("keys")} back={{ to: "/me", label: t("back") }}>
      <p>{t("keysText")}</p>
      {PARTS.map(({ title, lines }) => (
        <Card key={title} title={t(title)}>
          <dl className={styles.keys}>
            {lines.map(([label, ...keys]) => (
              <div key={label}>
                <dt>{t(label)}</dt>
                <dd>
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </Card>
      ))}
    </Page>
  );
}
