import { Link2 } from "lucide-react";
import { Code } from "@/lib/code";
import { useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { Button } from "@/ui/Button";
import { Page } from "@/ui/Page";
import { toast } from "@/ui/Toast";
import { useOwnProfile } from "./Profile";
import styles from "./accounts.module.css";

/** One's code and link, by which others find one without any address book. */
export function MyCode() {
  const t = useT();
  const client = useClient();
  const [profile] = useOwnProfile();
  const userId = client.getSafeUserId();
  const link = `${location.origin}/to/${encodeURIComponent(userId)}`;
  const copy = () => {
    void navigator.clipboard.writeText(link).then(() => toast(t("copied")));
  };
  return (
    <Page title={t("myCode")} back={{ to: "/me", label: t("back") }}>
      <div className={styles.centre}>
        <Code value={link} label={t("myCode")} size={240} />
        <h2>{profile.name}</h2>
        <p className={styles.fixed}>{userId}</p>
        <p>{t("myCodeText")}</p>
        <Button look="quiet" onClick={copy}>
          <Link2 size={18} aria-hidden /> {t("inviteLink")}
        </Button>
      </div>
    </Page>
  );
}
