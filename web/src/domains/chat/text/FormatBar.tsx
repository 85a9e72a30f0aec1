import { Bold, Code, Italic, Link, List, ListOrdered, Quote, Strikethrough } from "lucide-react";
import { useT, type Key } from "@/lib/language";
import { IconButton } from "@/ui/Button";
import type { Mark } from "./marks";
import styles from "./composer.module.css";

const MARKS: { mark: Mark; label: Key; icon: typeof Bold; keys: string }[] = [
  { mark: "bold", label: "markBold", icon: Bold, keys: "Ctrl+B" },
  { mark: "italic", label: "markItalic", icon: Italic, keys: "Ctrl+I" },
  { mark: "strike", label: "markStrike", icon: Strikethrough, keys: "Ctrl+Shift+X" },
  { mark: "code", label: "markCode", icon: Code, keys: "Ctrl+E" },
  { mark: "quote", label: "markQuote", icon: Quote, keys: "Ctrl+Shift+9" },
  { mark: "list", label: "markList", icon: List, keys: "Ctrl+Shift+8" },
  { mark: "numbers", label: "markNumbers", icon: ListOrdered, keys: "Ctrl+Shift+7" },
  { mark: "link", label: "markLink", icon: Link, keys: "Ctrl+K" },
];

export function FormatBar({ onMark }: { onMark: (mark: Mark) => void }) {
  const t = useT();
  return (
    <div className={styles.bar} role="toolbar" aria-label={t("formatting")}>
      {MARKS.map(({ mark, label, icon: Icon, keys }) => (
        <IconButton
          key={mark}
          label={t(label)}
          title={`${t(label)} (${keys})`}
          aria-keyshortcuts={keys.replace("Ctrl", "Control")}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onMark(mark)}
        >
          <Icon size={18} />
        </IconButton>
      ))}
    </div>
  );
}
