import { Eye, Keyboard, LogOut, Palette, ShieldCheck, Smartphone } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";
import { signOut } from "@/lib/doors";
import { askToNotify, canNotify, mayNotify } from "@/lib/notices";
import { LANGUAGES, useLanguage, useT } from "@/lib/language";
import { forgetClient } from "@/lib/matrix/client";
import { useClient } from "@/lib/matrix/context";
import { currentSession, keepSession } from "@/lib/session";
import { changeSettings, useSettings } from "@/lib/settings";
import { Avatar } from "@/ui/Avatar";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Segments, Switch } from "@/ui/Field";
import { Card, Page, Row } from "@/ui/Page";
import { toast } from "@/ui/Toast";
import { useOwnProfile } from "./Profile";
import styles from "./accounts.module.css";

/** @param props.children what other domains have for a member: the wallet and the like. */
export function Me({ children }: { children?: ReactNode }) {
  const t = useT();
  const client = useClient();
  const [profile] = useOwnProfile();
  const [isLeaving, setIsLeaving] = useState(false);
  return (
    <Page title={t("me")}>
      <Link to="/me/profile" className={styles.head}>
        <Avatar id={client.getSafeUserId()} name={profile.name} image={profile.picture} size={68} />
        <div>
          <h2>{profile.name}</h2>
          <p className={styles.fixed}>{client.getSafeUserId()}</p>
        </div>
      </Link>
      {children}
      <Card>
        <Row icon={<ShieldCheck size={20} />} title={t("security")} to="/me/security" />
        <Row icon={<Smartphone size={20} />} title={t("devices")} to="/me/devices" />
        <Row icon={<Eye size={20} />} title={t("privacy")} to="/me/privacy" />
        <Row icon={<Palette size={20} />} title={t("appearance")} to="/me/appearance" />
        <Row icon={<Keyboard size={20} />} title={t("keys")} to="/me/shortcuts" />
      </Card>
      <Card>
        <Row icon={<LogOut size={20} />} title={t("signOut")} onClick={() => setIsLeaving(true)} />
      </Card>
      {isLeaving ? <SignOut onClose={() => setIsLeaving(false)} /> : null}
    </Page>
  );
}

function SignOut({ onClose }: { onClose: () => void }) {
  const t = useT();
  const client = useClient();
  const [isBusy, setIsBusy] = useState(false);
  const leave = async () => {
    setIsBusy(true);
    const session = currentSession();
    // Also offline this device must forget; the server drops a device that is not seen again.
    if (session) await signOut(session).catch(() => undefined);
    await forgetClient(client).catch(() => undefined);
    keepSession(null);
    // A fresh page: nothing of this member stays in memory.
    location.assign("/sign-in");
  };
  return (
    <Dialog title={t("signOut")} closeLabel={t("close")} onClose={onClose}>
      <p>{t("signOutAsk")}</p>
      <div className={styles.buttons}>
        <Button look="quiet" onClick={onClose}>
          {t("cancel")}
        </Button>
        <Button look="danger" busy={isBusy} onClick={() => void leave()}>
          {t("signOut")}
        </Button>
      </div>
    </Dialog>
  );
}

export function Appearance() {
  const { t, tag, choose } = useLanguage();
  const settings = useSettings();
  const setNotices = async (notifyCalls: boolean) => {
    const isAllowed = notifyCalls && (await askToNotify());
    if (notifyCalls && !isAllowed) toast(t("notifyRefused"));
    changeSettings({ notifyCalls: isAllowed });
  };
  const themes = [
    { value: "auto", label: t("themeAuto") },
    { value: "light", label: t("themeLight") },
    { value: "dark", label: t("themeDark") },
  ] as const;
  return (
    <Page title={t("appearance")} back={{ to: "/me", label: t("back") }}>
      <Card title={t("language")}>
        <div className={styles.choice}>
          <Segments
            label={t("language")}
            options={LANGUAGES.map((language) => ({ value: language.tag, label: language.name }))}
            value={tag}
            onChange={choose}
          />
        </div>
      </Card>
      <Card title={t("theme")}>
        <div className={styles.choice}>
          <Segments
            label={t("theme")}
            options={themes}
            value={settings.theme}
            onChange={(theme) => changeSettings({ theme })}
          />
        </div>
      </Card>
      <Card title={t("privacy")}>
        <Switch
          label={t("sendReceipts")}
          isOn={settings.sendReceipts}
          onChange={(sendReceipts) => changeSettings({ sendReceipts })}
        />
        <Switch
          label={t("sendTyping")}
          isOn={settings.sendTyping}
          onChange={(sendTyping) => changeSettings({ sendTyping })}
        />
        <Switch
          label={t("shareLocation")}
          hint={t("shareLocationHint")}
          isOn={settings.shareLocation}
          onChange={(shareLocation) => changeSettings({ shareLocation })}
        />
      </Card>
      {canNotify() ? (
        <Card title={t("notices")}>
          <Switch
            label={t("notifyCalls")}
            hint={t("notifyCallsHint")}
            isOn={mayNotify()}
            onChange={(notifyCalls) => void setNotices(notifyCalls)}
          />
        </Card>
      ) : null}
    </Page>
  );
}

