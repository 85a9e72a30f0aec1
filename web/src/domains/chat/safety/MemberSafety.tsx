import { Ban, Flag } from "lucide-react";
import { useState } from "react";
import { useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Card, Row } from "@/ui/Page";
import { toast } from "@/ui/Toast";
import { block, unblock, useBlocked } from "./blocking";
import { ReportDialog } from "./ReportDialog";
import styles from "./safety.module.css";

/** What one can do against a member: block, and report. */
export function MemberSafety({ userId, name }: { userId: string; name: string }) {
  const t = useT();
  const client = useClient();
  const isBlocked = useBlocked(client).includes(userId);
  const [asked, setAsked] = useState<"block" | "report">();
  const close = () => setAsked(undefined);
  const run = (deed: Promise<void>, done: string, undo: () => Promise<void>) => {
    const fail = (error: unknown) => toast(tellTrouble(t, error));
    const takeBack = () => void undo().catch(fail);
    deed.then(() => toast(done, { label: t("undo"), run: takeBack }), fail);
  };
  const toggle = () => {
    if (!isBlocked) setAsked("block");
    else run(unblock(client, userId), t("unblocked", { name }), () => block(client, userId));
  };
  return (
    <>
      <Card>
        <Row
          icon={<Ban size={20} />}
          title={isBlocked ? t("unblock") : t("block")}
          {...(isBlocked ? { sub: t("blockedText") } : {})}
          onClick={toggle}
        />
        <Row icon={<Flag size={20} />} title={t("reportMember")} onClick={() => setAsked("report")} />
      </Card>
      {asked === "report" ? <ReportDialog about={{ kind: "member", userId }} onClose={close} /> : null}
      {asked === "block" ? (
        <Dialog title={t("blockAsk", { name })} closeLabel={t("close")} onClose={close}>
          <p>{t("blockText")}</p>
          <div className={styles.buttons}>
            <Button look="quiet" onClick={close}>
              {t("cancel")}
            </Button>
            <Button
              look="danger"
              onClick={() => {
                close();
                run(block(client, userId), t("blocked", { name }), () => unblock(client, userId));
              }}
            >
              {t("block")}
            </Button>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
