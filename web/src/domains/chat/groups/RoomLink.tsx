import { Link2 } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { Code } from "@/lib/code";
import { useT } from "@/lib/language";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { toast } from "@/ui/Toast";
import styles from "./groups.module.css";
import { readContent } from "./reading";

/** A link and a code that lead to a group's door; what the door does is the group's rule. */
export function RoomLink({ room, onClose }: { room: Room; onClose: () => void }) {
  const t = useT();
  const link = `${location.origin}/to/${encodeURIComponent(room.roomId)}`;
  const rule = readContent(room, "m.room.join_rules").join_rule;
  const copy = () => {
    void navigator.clipboard.writeText(link).then(() => toast(t("copied")));
  };
  return (
    <Dialog title={t("groupLink")} closeLabel={t("close")} onClose={onClose}>
      <div className={styles.centre}>
        <Code value={link} label={t("groupLink")} size={220} />
        <p>{rule === "knock" || rule === "public" ? t(`groupLink_${rule}`) : t("groupLink_invite")}</p>
        <Button look="quiet" onClick={copy}>
          <Link2 size={18} aria-hidden /> {t("copyLink")}
        </Button>
      </div>
    </Dialog>
  );
}
