/** Above the chats while the account waits to be erased: one click keeps it. */

import { useEffect, useState } from "react";
import { useLanguage } from "@/lib/language";
import { formatMoment } from "@/lib/time";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Note } from "@/ui/Note";
import { toast } from "@/ui/Toast";
import { fetchErasure, keepAccount, type Erasure } from "./api";
import { onErasureChanged, tellErasureChanged } from "./erasureNews";

export function ErasureBanner() {
  const { t, tag } = useLanguage();
  const [erasure, setErasure] = useState<Erasure>();
  const [isBusy, setIsBusy] = useState(false);
  useEffect(() => {
    let isWanted = true;
    const look = () => {
      // Without an answer there is nothing to say: the page of the erasure tells of trouble.
      fetchErasure().then(
        (found) => {
          if (isWanted) setErasure(found);
        },
        () => undefined,
      );
    };
    look();
    const stop = onErasureChanged(look);
    return () => {
      isWanted = false;
      stop();
    };
  }, []);
  if (!erasure?.is_asked || erasure.due_at === null) return null;
  const keep = async () => {
    setIsBusy(true);
    try {
      await keepAccount();
      toast(t("eraseKept"));
    } catch (error) {
      toast(tellTrouble(t, error));
    }
    setIsBusy(false);
    tellErasureChanged();
  };
  return (
    <Note
      kind="warn"
      action={
        <Button look="quiet" busy={isBusy} onClick={() => void keep()}>
          {t("eraseKeep")}
        </Button>
      }
    >
      {t("eraseDue", { when: formatMoment(erasure.due_at, tag) })}
    </Note>
  );
}
