import { X } from "lucide-react";
import { useEffect, useId, useRef, type ReactNode, type RefObject } from "react";
import { IconButton } from "./Button";
import styles from "./ui.module.css";

interface Props {
  title: string;
  closeLabel: string;
  onClose: () => void;
  children: ReactNode;
}

/** Opens a dialog in front of everything while it is there. */
export function useModal(): RefObject<HTMLDialogElement | null> {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return element;
}

/** A dialog in front of everything; a sheet from below on a phone. Escape closes it. */
export function Dialog({ title, closeLabel, onClose, children }: Props) {
  const id = useId();
  const element = useModal();
  return (
    <dialog
      ref={element}
      className={styles.dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <div className={styles.dialogHead}>
        <h2 id={id} className={styles.dialogTitle}>
          {title}
        </h2>
        <IconButton label={closeLabel} onClick={onClose}>
          <X size={20} />
        </IconButton>
      </div>
      <div className={styles.dialogBody}>{children}</div>
    </dialog>
  );
}
