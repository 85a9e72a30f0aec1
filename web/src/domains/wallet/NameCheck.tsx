/** What an account's bank says of the holder's name; where it doubts it, the member decides. */

import { UserRoundCheck } from "lucide-react";
import { useLanguage } from "@/lib/language";
import { Button } from "@/ui/Button";
import { Note } from "@/ui/Note";
import { useDeed } from "./deeds";
import { chooseName, type OutsideAccount } from "./pagesApi";
import styles from "./pages.module.css";

export function NameCheck({ account, onChanged }: { account: OutsideAccount; onChanged: () => void }) {
  const { t } = useLanguage();
  const deed = useDeed();
  const { name_check: check, name_at_bank: atBank, holder } = account;
  if (check === "match") {
    return (
      <p className={styles.checked}>
        <UserRoundCheck size={16} aria-hidden /> {t("nameMatch")}
      </p>
    );
  }
  if (check === "asked" || check === "wanted") {
    return account.status === "failed" ? null : <p className={styles.soft}>{t("nameAsked")}</p>;
  }
  if (check === "impossible") return <p className={styles.soft}>{t("nameImpossible")}</p>;
  if (check === "kept") return <p className={styles.soft}>{t("nameKept")}</p>;
  const choose = async (use: "bank" | "own") => {
    if (await deed.run(() => chooseName(account.outside_account_id, use))) onChanged();
  };
  return (
    <Note kind="warn">
      <div className={styles.doubt}>
        <p>
          <strong>{t(check === "close" ? "nameClose" : "nameDifferent")}</strong>
        </p>
        <p>{check === "close" ? t("nameCloseText", { name: atBank, holder }) : t("nameDifferentText", { holder })}</p>
        {deed.trouble ? <p role="alert">{deed.trouble}</p> : null}
        <div className={styles.buttons}>
          {check === "close" ? (
            <Button busy={deed.isBusy} onClick={() => void choose("bank")}>
              {t("nameUse", { name: atBank })}
            </Button>
          ) : null}
          <Button look="quiet" busy={deed.isBusy} onClick={() => void choose("own")}>
            {t("nameKeep", { holder })}
          </Button>
        </div>
      </div>
    </Note>
  );
}
