import { Camera } from "lucide-react";
import { useEffect, useRef, useState, type SyntheticEvent } from "react";
import { useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { pictureAddress } from "@/lib/matrix/media";
import { tellTrouble } from "@/lib/trouble";
import { Avatar } from "@/ui/Avatar";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Page } from "@/ui/Page";
import { toast } from "@/ui/Toast";
import styles from "./accounts.module.css";

export interface OwnProfile {
  name: string;
  picture: string | undefined;
}

let known: OwnProfile | undefined;

/** One's own name and picture. */
export function useOwnProfile(): [OwnProfile, (profile: OwnProfile) => void] {
  const client = useClient();
  const userId = client.getSafeUserId();
  const [profile, setProfile] = useState<OwnProfile>(() => {
    const name = client.getUser(userId)?.displayName ?? userId.slice(1).split(":")[0] ?? "";
    return known ?? { name, picture: undefined };
  });
  useEffect(() => {
    const load = async () => {
      const found = await client.getProfileInfo(userId);
      const picture = found.avatar_url ? await pictureAddress(client, found.avatar_url, 192) : undefined;
      known = { name: found.displayname ?? userId, picture };
      setProfile(known);
    };
    load().catch(() => undefined);
  }, [client, userId]);
  return [profile, setProfile];
}

export function Profile() {
  const t = useT();
  const client = useClient();
  const [profile, setProfile] = useOwnProfile();
  const [typed, setTyped] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  const name = typed ?? profile.name;

  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    try {
      await client.setDisplayName(name.trim());
      setProfile({ ...profile, name: name.trim() });
      toast(t("done"));
    } catch (error) {
      toast(tellTrouble(t, error));
    }
  };
  const changePicture = async (file: File | undefined) => {
    if (!file) return;
    try {
      const { content_uri } = await client.uploadContent(file);
      await client.setAvatarUrl(content_uri);
      setProfile({ ...profile, picture: await pictureAddress(client, content_uri, 192) });
    } catch (error) {
      toast(tellTrouble(t, error));
    }
  };
  return (
    <Page title={t("profile")} back={{ to: "/me", label: t("back") }}>
      <div className={styles.centre}>
        <Avatar id={client.getSafeUserId()} name={profile.name} image={profile.picture} size={104} />
        <Button look="quiet" onClick={() => input.current?.click()}>
          <Camera size={18} aria-hidden /> {t("changePicture")}
        </Button>
        <input
          ref={input}
          type="file"
          accept="image/png,image/jpeg,image/webp"
          hidden
          onChange={(event) => void changePicture(event.target.files?.[0])}
        />
        <p className={styles.fixed}>{client.getSafeUserId()}</p>
      </div>
      <form className={styles.form} onSubmit={save}>
        <Field label={t("displayName")} value={name} onChange={setTyped} maxLength={100} />
        <Button type="submit" disabled={!name.trim() || name === profile.name}>
          {t("save")}
        </Button>
      </form>
    </Page>
  );
}
