import { Bold, Code, Italic, Link, List, ListOrdered, Quote, Redo2, Strikethrough, Undo2 } from "lucide-react";
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

interface Props {
  onMark: (mark: Mark) => void;
  /** Takes the last change back; undefined where there is none. */
  onUndo: (() => void) | undefined;
  onRedo: (() => void) | undefined;
}

export function FormatBar({ onMark, onUndo, onRedo }: Props) {
  const t = useT();
  const steps = [
    { label: t("undo"), icon: Undo2, keys: "Ctrl+Z", onStep: onUndo },
    { label: t("redo"), icon: Redo2, keys: "Ctrl+Shift+Z", onStep: onRedo },
  ];
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
      {steps.map(({ label, icon: Icon, keys, onStep }) => (
        <IconButton
          key={label}
          label={label}
          title={`${label} (${keys})`}
          aria-keyshortcuts={keys.replace("Ctrl", "Control")}
          disabled={!onStep}
          onPointerDown={(event) => event.preventDefault()}
          onClick={onStep}
        >
          <Icon size={18} />
        </IconButton>
      ))}
    </div>
  );
}
