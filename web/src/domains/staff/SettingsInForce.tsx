/** Every setting as it holds on this server. Secrets stay there. */

import { useState } from "react";
import { useT } from "@/lib/language";
import { Switch } from "@/ui/Field";
import { Await, useLoaded } from "@/ui/loading";
import { Card, Page } from "@/ui/Page";
import { State } from "@/ui/State";
import { Standing } from "@/ui/Standing";
import { fetchSettings } from "./api";
import { Entry } from "./parts";
import styles from "./staff.module.css";

export function SettingsInForce() {
  const t = useT();
  const loaded = useLoaded(fetchSettings);
  const [showsAll, setShowsAll] = useState(false);
  return (
    <Page title={t("staffSettings")} back={{ to: "/me/staff", label: t("back") }}>
      <p className={styles.soft}>{t("staffSettingsText")}</p>
      <Card>
        <Switch label={t("staffSettingsAll")} isOn={showsAll} onChange={setShowsAll} />
      </Card>
      <Await loaded={loaded}>
        {(settings) => {
          const shown = settings.filter((one) => showsAll || !one.is_default);
          if (shown.length === 0) return <State title={t("staffSettingsNone")} />;
          return (
            <Card>
              {shown.map((one) => (
                <Entry
                  key={one.name}
                  title={<span className={styles.code}>{one.name}</span>}
                  tag={one.is_default ? null : <Standing>{t("staffSettingSet")}</Standing>}
                >
                  <p className={styles.code}>
                    {one.is_secret
                      ? t(one.value ? "staffSecretSet" : "staffSecretNone")
                      : one.value || t("staffSettingEmpty")}
                  </p>
                  <p className={styles.soft} lang="en">
                    {one.about}
                  </p>
                </Entry>
              ))}
            </Card>
          );
        }}
      </Await>
    </Page>
  );
}
